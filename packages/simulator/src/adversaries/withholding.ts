import type { Hash } from '@hydraai/core'
import type { Part, Stage } from './attack.ts'

/** Content that attackers keep from others, by the stage they are on. */
const kept = new WeakMap<object, Set<Hash>>()

/** From now on the attackers keep it from those whom they do not serve. */
export function keepBack(stage: Stage, id: Hash): void {
  const ids = kept.get(stage) ?? new Set()
  kept.set(stage, ids.add(id))
}

export function withholding(stage: Stage, serves: (peer: string) => boolean): Omit<Part, 'onBlock'> {
  return { tamper: () => ({ serve: (id, peer) => !kept.get(stage)?.has(id) || serves(peer) }) }
}
