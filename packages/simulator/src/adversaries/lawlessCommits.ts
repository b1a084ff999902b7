import { type Hash, taggedHash, utf8 } from '@hydraai/core'
import type { LedgerState, Round } from '@hydraai/ledger'
import type { Machine } from '../machine.ts'
import type { Attack, Stage } from './attack.ts'
import { unitName } from './names.ts'
import { STANCES } from './scenes.ts'
import { refuses } from './submit.ts'
import { MODEL } from './task.ts'

/** Blocks after which what waits has come into one or never will. */
const PATIENCE_BLOCKS = 4

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
    play: stage => {
      const waiting = new Map<Hash, Try>()
      return {
        onBlock: ({ state }) => {
          settle(stage, waiting, state)
          const round = state.rounds.get(MODEL)
          if (!round) return
          for (const attacker of stage.attackers) {
            const unit = stage.betrays(attacker.index) ? attack.unitOf(round, attacker, state) : null
            if (unit !== null) tryOnce(stage, waiting, attacker, round, unit, state.height)
          }
        },
      }
    },
  }
}

/** A commitment that was taken where transactions wait, behind others of the attacker. */
interface Try {
  readonly name: string
  readonly height: number
}

function tryOnce(
  stage: Stage,
  waiting: Map<Hash, Try>,
  attacker: Machine,
  { number: round, phase }: Round,
  unit: number,
  height: number,
): void {
  const name = `${phase} ${unitName({ round, trainer: attacker.address, unit })}`
  if (stage.acts.has(name)) return
  stage.acts.did(name)
  const [commitment, seal] = [made('commitment', name), made('seal', name)]
  if (refuses(stage, attacker, { type: 'commit', model: MODEL, round, unit, commitment, seal }))
    stage.acts.ended(name, true)
  else waiting.set(commitment, { name, height })
}

/** It is caught if it comes into no round. */
function settle({ acts }: Stage, waiting: Map<Hash, Try>, { height, rounds, settling }: LedgerState): void {
  const updates = [...rounds.values(), ...settling.values()].flatMap(round => round.updates)
  const committed = new Set(updates.map(({ commitment }) => commitment))
  for (const [commitment, { name, height: since }] of waiting) {
    if (!committed.has(commitment) && height < since + PATIENCE_BLOCKS) continue
    acts.ended(name, !committed.has(commitment))
    waiting.delete(commitment)
  }
}

function made(what: string, name: string): Hash {
  return taggedHash('made up', utf8(`${what} ${name}`))
}
