import type { Action } from '@hydraai/ledger'
import type { CommittedBlock } from '@hydraai/node'
import type { Machine } from '../../machine.ts'
import type { Attack, Stage } from '../attack.ts'
import { followVerdicts } from '../falseVerdicts.ts'
import { verdictName } from '../names.ts'
import { STANCES } from '../scenes.ts'
import { refuses } from '../submit.ts'
import { MODEL } from '../task.ts'

export const copyingVoter: Attack = {
  name: 'copying-voter',
  is: "checks nothing: sends another verifier's digest as its own, and later what that showed",
  scene: 'one',
  twin: 'one',
  stances: STANCES,
  play: stage => ({
    tamper: machine => ({ action: said => (isVerdict(said) && stage.betrays(machine) ? null : said) }),
    onBlock: block => {
      for (const attacker of stage.attackers)
        if (stage.betrays(attacker.index)) {
          copyDigests(stage, attacker, block)
          copyFindings(stage, attacker, block)
        }
      followVerdicts(stage, judgement => judgement !== 'stood')(block)
    },
  }),
}

/** Its node does what an honest one does; none of that is sent. */
function isVerdict({ type }: Action): boolean {
  return type === 'verdict' || type === 'disclose'
}

function copyDigests(stage: Stage, attacker: Machine, { state }: CommittedBlock): void {
  const round = state.settling.get(MODEL)
  if (round?.phase !== 'verify') return
  for (const { trainer, unit, verifiers, verdicts } of round.updates) {
    const [first] = verdicts
    const isDrawn = verifiers.some(({ address }) => address === attacker.address)
    if (!isDrawn || !first || verdicts.some(({ verifier }) => verifier === attacker.address)) continue
    const place = { model: MODEL, round: round.number, trainer, unit }
    stage.acts.did(verdictName(attacker.address, place))
    refuses(stage, attacker, { type: 'verdict', ...place, digest: first.digest })
  }
}

/** Those whose digests it copied show what they were made of. */
function copyFindings(stage: Stage, attacker: Machine, { block }: CommittedBlock): void {
  for (const { action } of block.transactions) if (action.type === 'disclose') refuses(stage, attacker, action)
}
