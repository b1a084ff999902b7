import type { Address } from '@hydraai/core'

export interface UnitPlace {
  readonly round: number
  readonly trainer: Address
  readonly unit: number
}

/** A unit, named for the count of acts. */
export function unitName({ round, trainer, unit }: UnitPlace): string {
  return `${round} ${trainer} ${unit}`
}

/** What a verifier says of a unit. */
export function verdictName(verifier: Address, unit: UnitPlace): string {
  return `${verifier} of ${unitName(unit)}`
}
