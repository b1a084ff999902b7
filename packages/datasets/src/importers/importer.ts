/** What every importer takes and gives. */
import { HydraError } from '@hydraai/core'
import type { Dataset } from '@hydraai/training'

export type DataKind = 'images' | 'table' | 'text'
export type DataFormat = 'image-folder' | 'idx' | 'csv' | 'json-lines' | 'text'

/** How far an import is, for a progress line. `total` 0: not known. */
export interface ImportProgress {
  readonly what: string
  readonly done: number
  readonly total: number
}

export interface ImportOptions {
  /** Tables: the column that is to be predicted. */
  readonly target?: string
  /** Images: width and height to which all are scaled. */
  readonly size?: number
  /** Tables: what stands for an empty cell. Without it an empty cell is an error. */
  readonly fill?: 'mean'
  /** Texts: tokens that the model sees at once; 64 unless given. */
  readonly context?: number
  /** Texts: tokens to learn at most; 1,024 unless given. */
  readonly vocabulary?: number
  readonly onProgress?: (progress: ImportProgress) => void
}

/** What the founder is told before anything is paid. */
export interface ImportReport {
  readonly kind: DataKind
  readonly format: DataFormat
  readonly samples: number
  readonly trainCount: number
  readonly heldOut: number
  /** Bytes of the encoded dataset, which every trainer fetches. */
  readonly bytes: number
  /** How many samples each class has; empty where nothing is classified. */
  readonly classes: readonly { readonly name: string; readonly count: number }[]
  /** What was done to the data that is not obvious, a sentence each. */
  readonly warnings: readonly string[]
}

export interface Imported {
  readonly dataset: Dataset
  /** `dataset` as `encodeDataset` writes it. */
  readonly encoded: Uint8Array
  /** The tokenizer's bytes for texts. */
  readonly tokenizer: Uint8Array | null
  readonly report: ImportReport
}

/** Data that cannot be used: `where` is a file, or a file and a line. */
export function dataError(where: string, what: string, advice: string, cause?: unknown): HydraError<'DATA_INVALID'> {
  return new HydraError('DATA_INVALID', `${where}: ${what}.`, { advice, ...(cause === undefined ? {} : { cause }) })
}

/** Data that is too large: a limit of this program, so that nothing takes all memory. */
export function tooLarge(where: string, what: string, advice: string): HydraError<'DATA_TOO_LARGE'> {
  return new HydraError('DATA_TOO_LARGE', `${where}: ${what}.`, { advice })
}
