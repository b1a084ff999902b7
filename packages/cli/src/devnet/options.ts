import { HydraError } from '@hydraai/core'

/** What ends a local network: a model that is right on this share of its held-out samples. */
export interface Goal {
  readonly accuracy: number
}

export interface DevnetOptions {
  readonly nodes: number | undefined
  readonly until: Goal | undefined
  readonly timeoutSeconds: number | undefined
  readonly folder: string
  readonly json: boolean
  /** The page of the first node; 0 takes any free port. */
  readonly apiPort: number
  readonly blockIntervalMs: number
  /** What a new network begins with; the goal is the first one's. */
  readonly models: readonly string[]
}

/** `accuracy=0.97` → a goal. Throws OPTION_INVALID. */
export function parseGoal(text: string): Goal {
  const match = /^accuracy=(0?\.\d+|1(?:\.0+)?|0)$/.exec(text)
  if (!match)
    throw new HydraError('OPTION_INVALID', `"${text}" is no goal.`, {
      advice: 'Give a share between 0 and 1, as in --until accuracy=0.97',
    })
  return { accuracy: Number(match[1]) }
}
