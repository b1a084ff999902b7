import { perform } from './perform.ts'
import { attackOf } from './roster.ts'
import type { Request, Response } from './suite.ts'

/** Does one run. */
export async function respond({ attack, ...run }: Request): Promise<Response> {
  const { wealth, ...rest } = await perform({ ...run, attack: attack === null ? null : attackOf(attack) })
  return { ...rest, wealth: String(wealth) }
}
