/** What anybody may bring to a chain by publishing a model; the founders of a chain are not bound by it. */

/** Longest encoding of a model's document. */
export const MAX_DOCUMENT_BYTES = 16_384
export const MAX_PUBLISHED_PARAMETERS = 16_777_216
/** Multiply-adds of one unit, and of one evaluation: a minute or two of one core, so that both fit into their phases. */
export const MAX_UNIT_OPERATIONS = 1_000_000_000_000
/** Units of one trainer in one round: each is paid for, whatever the model is worth to others. */
export const MAX_PUBLISHED_UNITS = 16

/** A unit of a published model earns the chain's whole reward from so many multiply-adds on: about half a second of one core. */
export const FULL_REWARD_OPERATIONS = 5_000_000_000
