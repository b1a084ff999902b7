/** What {@link HydraError} takes beyond its code and its sentence. */
export interface HydraErrorOptions {
  /** What the person can do about it, as a sentence. */
  advice?: string
  cause?: unknown
  /** Values for logs and for code that reacts to the error; never secrets. */
  details?: Readonly<Record<string, unknown>>
}

/**
 * The one error class of the project. `code` is stable and is what programs compare; `message` is a sentence that says
 * what was wrong with which input; `advice` says what to do.
 */
export class HydraError<C extends string = string> extends Error {
  readonly code: C
  // `declare`: a field that was not given is absent, not undefined.
  declare readonly advice?: string
  declare readonly details?: Readonly<Record<string, unknown>>

  static {
    // On the prototype, so that the first line of a stack already has it.
    HydraError.prototype.name = 'HydraError'
  }

  constructor(code: C, message: string, options: HydraErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    if (options.advice !== undefined) this.advice = options.advice
    if (options.details !== undefined) this.details = options.details
  }
}
