import type { TamperedUnit, TrainJob, UnitMeans } from '@hydraai/node'
import type { Attack, Part, Stage, Tamper } from './attack.ts'
import { unitName } from './names.ts'
import { type SceneName, STANCES, type Stance } from './scenes.ts'

/** How updates end. */
type Ended = 'accepted' | 'refuted' | 'expired'

export interface FalseUnits {
  readonly name: string
  readonly is: string
  readonly scene?: SceneName
  readonly twin?: SceneName
  readonly stances?: readonly Stance[]
  /** What being caught is: proven wrong and slashed, unless given. */
  readonly caught?: (outcome: Ended) => boolean
  /** Other deviations of the attackers. */
  readonly also?: (stage: Stage) => Omit<Part, 'onBlock'>
  /** The unit that is sent in place of the honest one; null for the honest one, which then is no act. */
  forge(made: Made): Promise<TamperedUnit | null> | TamperedUnit | null
}

/** What a forger has: the unit as an honest node made it, the job it came from, and the stage. */
export interface Made {
  readonly unit: TamperedUnit
  readonly job: TrainJob
  readonly means: UnitMeans
  readonly stage: Stage
}

/** An attack by trainers: every unit that they send is false from when they begin to cheat. */
export function falseUnits(attack: FalseUnits): Attack {
  const { name, is, scene = 'one', twin = scene, stances = STANCES, caught = outcome => outcome === 'refuted' } = attack
  return {
    name,
    is,
    scene,
    twin,
    stances,
    play(stage) {
      const also = attack.also?.(stage) ?? {}
      return {
        ...also,
        tamper: machine => ({ ...also.tamper?.(machine), unit: forging(attack, stage, machine) }),
        onBlock: followUnits(stage, caught),
      }
    },
  }
}

function forging({ forge }: FalseUnits, stage: Stage, machine: number): NonNullable<Tamper['unit']> {
  return async (unit, means) => {
    if (!stage.betrays(machine)) return unit
    const { job } = means
    const forged = await forge({ unit, job, means, stage })
    if (forged === null) return unit
    stage.acts.did(unitName(job.id))
    return forged
  }
}

/** Notes how the attackers' units ended. */
export function followUnits({ acts }: Stage, caught: (outcome: Ended) => boolean): NonNullable<Part['onBlock']> {
  return ({ events }) => {
    for (const event of events) {
      if (event.type !== 'update' || event.outcome === 'disputed' || event.outcome === 'pending') continue
      acts.ended(unitName(event), caught(event.outcome))
    }
  }
}
