import type { Unbonding } from './types.ts'

/** Key of an unbonding: those that are released first come first. */
export function unbondingKey({ releaseAt, account }: Pick<Unbonding, 'releaseAt' | 'account'>): string {
  return `${String(releaseAt).padStart(12, '0')} ${account}`
}
