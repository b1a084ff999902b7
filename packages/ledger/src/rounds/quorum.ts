import type { Address, Micro } from '@hydraai/core'
import type { Update } from '../state/types.ts'

/** All the weight that can speak on an update: its drawn verifiers', and its trainer's, whose commit speaks for it. */
export function totalWeight(update: Update): Micro {
  return update.verifiers.reduce((sum, { weight }) => sum + weight, update.trainerWeight)
}

/** Weight of those of the drawn verifiers. */
export function weightOfVerifiers(update: Update, verifiers: ReadonlySet<Address>): Micro {
  return update.verifiers.reduce((sum, { address, weight }) => (verifiers.has(address) ? sum + weight : sum), 0n)
}

/** More than two thirds of the weight. */
export function isQuorum(weight: Micro, total: Micro): boolean {
  return 3n * weight > 2n * total
}
