import type { Recipe } from '@hydraai/core'
import type { ChainParameters } from '@hydraai/ledger'
import type { JobCosts } from './costs.ts'

/** A network to be simulated. */
export interface Scenario {
  /** Whose jobs' costs the machines have. */
  readonly model: string
  readonly costs: JobCosts
  /** Of that model: how many segments, how written, how put together, how many units a round. */
  readonly recipe: Recipe
  readonly nodes: number
  readonly cores: number
  readonly parameters: Partial<ChainParameters>
  /** Rounds that are measured, and rounds after which the warm-up ends in any case. */
  readonly rounds: number
  readonly maxWarmUp: number
}

/** What a stretch of a simulated network's rounds took, all nodes together. */
export interface Stretch {
  readonly seconds: number
  readonly blocks: number
  readonly rounds: number
  /** Units paid. */
  readonly units: number
  /** Units that were committed and not paid. */
  readonly unpaid: number
  readonly disputes: number
  /** Lowest and highest reputation of a trainer at its end. */
  readonly reputations: readonly [number, number]
  /** Share of units that were drawn to be replayed, whole or in part; that others replayed as suspicious; and replays a unit. */
  readonly auditedShare: number
  readonly suspectedShare: number
  readonly replaysPerUnit: number
  /** Seconds of a core. */
  readonly cpu: {
    readonly training: number
    readonly checking: number
    readonly replaying: number
    readonly ruling: number
    readonly aggregating: number
    readonly evaluating: number
  }
  /** Of all CPU time of the services above. */
  readonly verificationCpuShare: number
  /** The same beside training alone: what verification adds to a unit. */
  readonly verificationPerTraining: number
  /** Of the time of all nodes, the part in which they trained; and that whose units were paid. */
  readonly trainingShare: number
  readonly paidTrainingShare: number
  /** Received by all nodes. */
  readonly bytes: {
    readonly total: number
    readonly updates: number
    readonly verification: number
    readonly consensus: number
  }
  readonly verificationBytesShare: number
  readonly rewardSeconds: { readonly median: number; readonly worst: number }
  /** Blocks from the end of work to the opening of the next round. */
  readonly gapBlocks: number
}
