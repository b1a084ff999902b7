import { type Hash, taggedHash, utf8 } from '@hydraai/core'
import type { LedgerState, Round } from '@hydraai/ledger'
import type { Machine } from '../machine.ts'
import type { Attack, Stage } from './attack.ts'
import { unitName } from './names.ts'
import { STANCES } from './scenes.ts'
import { refuses } from './submit.ts'
import { MODEL } from './task.ts'

/** An attack by commitments that the rules do not allow: which unit it tries in this round, if it tries one now. */
export function lawlessCommits(attack: {
  readonly name: string
  readonly is: string
  unitOf(round: Round, attacker: Machine, state: LedgerState): number | null
}): Attack {
  return {
    name: attack.name,
    is: attack.is,
    scene: 'one',
    twin: 'one',
    stances: STANCES,
    play: stage => ({
      onBlock: ({ state }) => {
        const round = state.rounds.get(MODEL)
        if (!round) return
        for (const attacker of stage.attackers) {
          const unit = stage.betrays(attacker.index) ? attack.unitOf(round, attacker, state) : null
          if (unit !== null) tryOnce(stage, attacker, round, unit)
        }
      },
    }),
  }
}

function tryOnce(stage: Stage, attacker: Machine, { number: round, phase }: Round, unit: number): void {
  const name = `${phase} ${unitName({ round, trainer: attacker.address, unit })}`
  if (stage.acts.has(name)) return
  stage.acts.did(name)
  const [commitment, seal] = [made('commitment', name), made('seal', name)]
  stage.acts.ended(name, refuses(stage, attacker, { type: 'commit', model: MODEL, round, unit, commitment, seal }))
}

function made(what: string, name: string): Hash {
  return taggedHash('made up', utf8(`${what} ${name}`))
}
