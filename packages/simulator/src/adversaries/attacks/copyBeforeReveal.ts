import type { Hash } from '@hydraai/core'
import type { CommittedBlock } from '@hydraai/node'
import type { Attack, Stage } from '../attack.ts'
import { followUnits } from '../falseUnits.ts'
import { unitName } from '../names.ts'
import { STANCES } from '../scenes.ts'
import { refuses } from '../submit.ts'
import { MODEL } from '../task.ts'

const PATIENCE_MS = 6_000
const LOOK_MS = 200

export const copyBeforeReveal: Attack = {
  name: 'copy-before-reveal',
  is: "commits to another's commitment, and reveals what that reveals",
  scene: 'one',
  twin: 'one',
  stances: STANCES,
  play: stage => ({
    tamper: machine => ({
      unit: async (unit, { job }) => {
        if (!stage.betrays(machine)) return unit
        const theirs = await commitmentOfOther(stage, job.id.unit)
        if (theirs === null) return unit
        stage.acts.did(unitName(job.id))
        return { ...unit, ...theirs, planted: null }
      },
    }),
    onBlock: block => {
      copyReveals(stage, block)
      followUnits(stage, outcome => outcome !== 'accepted')(block)
    },
  }),
}

/** What somebody else has committed to in this round for the same unit, as soon as a block shows it. */
async function commitmentOfOther(stage: Stage, unit: number): Promise<{ commitment: Hash; seal: Hash } | null> {
  const [attacker] = stage.attackers
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
    const updates = attacker!.node?.state.rounds.get(MODEL)?.updates ?? []
    const theirs = updates.find(update => update.trainer !== attacker!.address && update.unit === unit)
    if (theirs) return { commitment: theirs.commitment, seal: theirs.seal }
    await new Promise<void>(resolve => {
      stage.world.clock.after(LOOK_MS, resolve)
    })
  }
  return null
}

/** Tries to reveal under its own name what was revealed for the commitment that it copied. */
function copyReveals(stage: Stage, { state }: CommittedBlock): void {
  const [attacker] = stage.attackers
  const round = state.rounds.get(MODEL)
  if (round?.phase !== 'reveal') return
  for (const own of round.updates) {
    if (own.trainer !== attacker!.address || !stage.acts.has(unitName({ ...own, round: round.number }))) continue
    const twin = round.updates.find(update => update !== own && update.commitment === own.commitment)
    if (!twin?.reveal || own.reveal) continue
    const { payload, payloadBytes, traceRoot, residual } = twin.reveal
    const reveal = { type: 'reveal' as const, model: MODEL, round: round.number, unit: own.unit }
    refuses(stage, attacker!, { ...reveal, payload, payloadBytes, traceRoot, residual })
  }
}
