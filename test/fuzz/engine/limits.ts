/** Longest input of a target that does not say otherwise: what the limits of an execution are promised for. */
export const MAX_INPUT_BYTES = 1_048_576
