import type { UpdateRef } from './types.ts'

/** Key of the dispute about an update. */
export function disputeKey({ model, round, trainer, unit }: UpdateRef): string {
  return `${model} ${String(round).padStart(12, '0')} ${trainer} ${String(unit).padStart(5, '0')}`
}
