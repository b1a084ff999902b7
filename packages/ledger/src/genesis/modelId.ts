import { text } from '@hydraai/core'

/** How a model is named: lower-case letters, digits and inner `-`, at most 32. */
export const modelIdField = text({ maxBytes: 32 })

export function isModelId(id: string): boolean {
  return id.length <= 32 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(id)
}
