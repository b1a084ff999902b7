import { formatAmount, toHex } from '@hydraai/core'
import type { Action } from '@hydraai/ledger'
import { lossOf } from './words.ts'

/** Values of the ledger as JSON: amounts as decimal text, bytes as hex. */
export function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') return formatAmount(value)
  if (value instanceof Uint8Array) return toHex(value)
  if (Array.isArray(value)) return value.map(jsonOf)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, jsonOf(inner)]))
  return value
}

/** A transaction's action with its losses as numbers. */
export function actionJson(action: Action): { type: string; [field: string]: unknown } {
  const json = jsonOf(action) as { type: string; [field: string]: unknown }
  if (action.type !== 'commit') return json
  return { ...json, lossBefore: lossOf(action.lossBefore), lossAfter: lossOf(action.lossAfter) }
}
