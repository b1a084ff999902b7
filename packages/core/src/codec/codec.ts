import * as dagCbor from '@ipld/dag-cbor'
import { equalBytes } from '../bytes.ts'
import { HydraError } from '../errors.ts'
import { type Fast, isNotFast, Reader, Writer } from './fast.ts'
import { scanCbor } from './scan.ts'

/**
 * How one type of value stands on the wire. `toWire` gives what dag-cbor can hold (numbers, bigints, texts, byte arrays,
 * lists, plain objects, null); `fromWire` takes the same from a stranger and checks everything. Both throw CODEC_INVALID
 * with the place (`path`) of what is wrong.
 */
export interface Codec<T> {
  toWire(value: T, path?: string): unknown
  fromWire(wire: unknown, path: string): T
  /** The same without a wire value between, for whatever is right; a codec may do without. */
  readonly fast?: Fast<T>
}

/** The type of value that a codec carries. */
export type Infer<C> = C extends Codec<infer T> ? T : never

/** Longest input that {@link decode} takes unless told otherwise: 16 MiB. */
export const MAX_DECODE_BYTES = 16_777_216

export function codecError(path: string, problem: string, cause?: unknown): HydraError<'CODEC_INVALID'> {
  return new HydraError('CODEC_INVALID', `${path}: ${problem}`, cause === undefined ? {} : { cause })
}

/** Canonical dag-cbor of the value: one value, one spelling. @throws HydraError CODEC_INVALID */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  return (codec.fast && encodeFast(codec.fast, value)) ?? encodeSlowly(codec, value)
}

/** By way of a wire value: what the fast way has to agree with, and what says what is wrong. */
export function encodeSlowly<T>(codec: Codec<T>, value: T): Uint8Array {
  return dagCbor.encode(codec.toWire(value, '$'))
}

/**
 * The value of canonical dag-cbor from a stranger. Anything that {@link encode} would not have written byte for byte is
 * refused, so two different inputs never decode to the same value. @throws HydraError CODEC_INVALID
 */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array, options: { maxBytes?: number } = {}): T {
  const maxBytes = options.maxBytes ?? MAX_DECODE_BYTES
  if (bytes.length > maxBytes) throw codecError('$', `${bytes.length} bytes are more than the ${maxBytes} allowed`)
  if (codec.fast) {
    const read = decodeFast(codec.fast, bytes)
    if (read !== null) return read.value
  }
  return decodeSlowly(codec, bytes)
}

/** By way of a wire value, as {@link encodeSlowly}. */
export function decodeSlowly<T>(codec: Codec<T>, bytes: Uint8Array): T {
  scanCbor(bytes)
  let wire: unknown
  try {
    wire = dagCbor.decode(bytes)
  } catch (cause) {
    throw codecError('$', `not canonical dag-cbor: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  }
  const value = codec.fromWire(wire, '$')
  if (!equalBytes(dagCbor.encode(codec.toWire(value, '$')), bytes)) {
    throw codecError('$', 'not the canonical encoding of this value')
  }
  return value
}

const writers: Writer[] = []

/** Null when the value is not plainly right. A codec may encode something else meanwhile, with a writer of its own. */
function encodeFast<T>(fast: Fast<T>, value: T): Uint8Array | null {
  const out = writers.pop() ?? new Writer()
  try {
    out.reset()
    fast.write(value, out)
    return out.finish()
  } catch (error) {
    if (isNotFast(error)) return null
    throw error
  } finally {
    writers.push(out)
  }
}

function decodeFast<T>(fast: Fast<T>, bytes: Uint8Array): { value: T } | null {
  const input = new Reader(bytes)
  try {
    const value = fast.read(input)
    return input.isDone ? { value } : null
  } catch (error) {
    if (isNotFast(error)) return null
    throw error
  }
}
