import type { Findings } from '@hydraai/core'
import type { Action, Judgement } from '@hydraai/ledger'
import type { Attack, Part, Stage, Tamper } from './attack.ts'
import { type UnitPlace, verdictName } from './names.ts'
import { type SceneName, STANCES, type Stance } from './scenes.ts'

export type Disclosure = Extract<Action, { type: 'disclose' }>

export interface FalseVerdicts {
  readonly name: string
  readonly is: string
  readonly scene?: SceneName
  readonly stances?: readonly Stance[]
  /** What being caught is: proven wrong and slashed, unless given. */
  readonly caught?: (judgement: Judgement) => boolean
  /** Other deviations of the attackers. */
  readonly also?: (stage: Stage) => Omit<Part, 'onBlock'>
  /** What is said in place of what was found; null: what was found, which then is no act. */
  lie(found: Findings, unit: UnitPlace, stage: Stage): Findings | null
  /** What is shown in place of what would be; as it is unless given. */
  readonly disclose?: (action: Disclosure) => Disclosure | null
}

/** An attack by verifiers, in every verdict that they can tell a lie in from when they begin to cheat. */
export function falseVerdicts(attack: FalseVerdicts): Attack {
  const { name, is, scene = 'one', stances = STANCES, caught = judgement => judgement === 'wrong' } = attack
  return {
    name,
    is,
    scene,
    twin: scene,
    stances,
    play(stage) {
      const also = attack.also?.(stage) ?? {}
      return {
        ...also,
        tamper: machine => ({ ...also.tamper?.(machine), ...lying(attack, stage, machine) }),
        onBlock: followVerdicts(stage, caught),
      }
    },
  }
}

function lying({ lie, disclose }: FalseVerdicts, stage: Stage, machine: number): Tamper {
  return {
    verdict: (found, duty) => {
      const { address } = stage.world.machines[machine]!
      const lied = stage.betrays(machine) ? lie(found, duty, stage) : null
      if (lied === null) return found
      stage.acts.did(verdictName(address, duty))
      return lied
    },
    ...(disclose && { disclose }),
  }
}

/** Notes how the attackers' verdicts were judged. */
export function followVerdicts(
  { acts }: Stage,
  caught: (judgement: Judgement) => boolean,
): NonNullable<Part['onBlock']> {
  return ({ events }) => {
    for (const event of events) {
      if (event.type !== 'update' || event.outcome === 'disputed' || event.outcome === 'pending') continue
      for (const { verifier, judgement } of event.verdicts) acts.ended(verdictName(verifier, event), caught(judgement))
    }
  }
}
