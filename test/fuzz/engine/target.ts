import { HydraError } from '@hydraai/core'
import type { Format } from './trees.ts'

/** Something that a stranger can reach with bytes. */
export interface Target {
  readonly name: string
  readonly format: Format
  readonly maxBytes?: number
  /** Valid inputs to begin with. */
  readonly seeds: readonly Uint8Array[]
  /**
   * Takes an input as the product would. True: accepted; false: refused with the documented error. Anything thrown is a
   * finding, {@link Broken} for what was promised besides not crashing.
   */
  readonly run: (input: Uint8Array) => boolean | Promise<boolean>
}

/** A promise that did not hold though nothing crashed. */
export class Broken extends Error {
  override readonly name = 'Broken'
}

export function promise(holds: boolean, otherwise: string): void {
  if (!holds) throw new Broken(otherwise)
}

/** What `read` gives, or undefined where it refuses with the project's own error. */
export function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof HydraError) return undefined
    throw error
  }
}
