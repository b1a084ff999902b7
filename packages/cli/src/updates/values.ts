import { HydraError } from '@hydraai/core'

const MAX_LIMIT = 200

/** @throws HydraError OPTION_INVALID */
export function parseLimit(text: string): number {
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= MAX_LIMIT) return limit
  throw new HydraError('OPTION_INVALID', `"${text}" is not how many to show.`, { advice: `From 1 to ${MAX_LIMIT}.` })
}

/** @throws HydraError OPTION_INVALID */
export function parseModel(text: string): string {
  if (/^[a-z0-9-]{1,32}$/.test(text)) return text
  throw new HydraError('OPTION_INVALID', `"${text}" is not the name of a model.`, {
    advice: 'It has lower-case letters, digits and -; hydra_node model list shows them.',
  })
}
