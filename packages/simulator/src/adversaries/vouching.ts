import type { Hash } from '@hydraai/core'
import type { TamperedUnit, TrainJob } from '@hydraai/node'
import type { Part, Stage } from './attack.ts'
import { unitName } from './names.ts'

/** Keys of a ring's false units, as their trainers sealed them, by the stage they are on. */
const sealed = new WeakMap<object, Map<string, readonly Hash[]>>()

/** The others of the ring will say of this unit that it stands. */
export function vouchFor(stage: Stage, { id }: TrainJob, { keys }: TamperedUnit): void {
  const known = sealed.get(stage) ?? new Map<string, readonly Hash[]>()
  sealed.set(stage, known.set(unitName(id), keys))
}

/** The verdicts of a ring on units of its own: true losses, which anyone can check, and a replay that finds nothing. */
export function vouching(stage: Stage): Omit<Part, 'onBlock'> {
  return {
    tamper: () => ({
      verdict: (found, duty) => {
        const keys = sealed.get(stage)?.get(unitName(duty))
        if (!keys || found.replay === null) return found
        const { segments } = found.replay
        return { ...found, replay: { segments, keys: keys.slice(0, segments), mismatch: null } }
      },
    }),
  }
}
