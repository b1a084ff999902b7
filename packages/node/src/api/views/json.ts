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

/** A transaction's action, its losses as numbers: of an `open` and of what a `disclose` found. */
export function actionJson(action: Action): { type: string; [field: string]: unknown } {
  const json = jsonOf(action) as { type: string; [field: string]: unknown }
  if (action.type === 'open') {
    const { lossBefore, lossAfter, planted } = action
    const plant = planted && { planted: { ...(json.planted as object), lossAfter: lossOf(planted.lossAfter) } }
    return { ...json, lossBefore: lossOf(lossBefore), lossAfter: lossOf(lossAfter), ...plant }
  }
  if (action.type !== 'disclose') return json
  const { lossBefore, lossAfter, freshBefore, freshAfter } = action.findings
  const losses = { lossBefore, lossAfter, freshBefore, freshAfter }
  const shown = Object.entries(losses).map(([name, bits]) => [name, lossOf(bits)])
  return { ...json, findings: { ...(json.findings as object), ...Object.fromEntries(shown) } }
}
