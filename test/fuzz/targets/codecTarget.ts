import { type Codec, decode, encode, equalBytes } from '@hydraai/core'
import * as dagCbor from '@ipld/dag-cbor'
import { promise, type Target, unlessRefused } from '../engine/target.ts'

/**
 * A codec as a target: what decodes is written as the same bytes again. `use` does with the value what the product does
 * next, which may refuse it too.
 */
export function codecTarget<T>(
  name: string,
  codec: Codec<T>,
  seeds: readonly T[],
  options: { maxBytes?: number; use?: (value: T, input: Uint8Array) => unknown } = {},
): Target {
  const { maxBytes, use } = options
  return {
    name,
    format: 'cbor',
    seeds: seeds.map(value => encode(codec, value)),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    run(input) {
      const read = unlessRefused(() => ({ value: decode(codec, input, maxBytes === undefined ? {} : { maxBytes }) }))
      if (read === undefined) return false
      promise(equalBytes(encode(codec, read.value), input), 'what was read is written otherwise')
      // The library's own reading is the yardstick of whatever reads faster.
      promise(equalBytes(dagCbor.encode(dagCbor.decode(input)), input), 'what is not canonical dag-cbor was taken')
      promise(
        equalBytes(dagCbor.encode(codec.toWire(read.value)), input),
        'the value is another than the library reads',
      )
      if (use !== undefined) unlessRefused(() => use(read.value, input))
      return true
    },
  }
}
