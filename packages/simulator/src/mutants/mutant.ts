/** One place in a source file, and what stands there instead. `find` must occur exactly once. */
export interface Patch {
  /** Below the repository's root. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** A fault that somebody could have built into the product. */
export interface Mutant {
  readonly name: string
  /** What it is, in words. */
  readonly is: string
  readonly patches: readonly Patch[]
}
