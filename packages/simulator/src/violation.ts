/** What a world promises; each violation names the one that was broken. */
export type PromiseName =
  | 'agreement'
  | 'validity'
  | 'quorum'
  | 'equivocation'
  | 'supply'
  | 'durability'
  | 'heights'
  | 'liveness'
  | 'models'
  | 'accountability'
  | 'evidence'
  | 'valid-round'
  | 'honest-work'
  | 'disputes'
  | 'aggregation'
  | 'process'

/** A promise of the protocol that a world broke. */
export class Violation extends Error {
  readonly promise: PromiseName
  /** Without what a simulation adds to the message: which seed, and how to replay it. */
  readonly finding: string

  constructor(promise: PromiseName, finding: string, message = `${promise}: ${finding}`) {
    super(message)
    this.promise = promise
    this.finding = finding
  }
}
