import type { Random } from './random.ts'
import { type Dictionary, type Format, mutateTree } from './trees.ts'

const EDGE_BYTES = [
  0, 1, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x40, 0x58, 0x5a, 0x7f, 0x80, 0x9a, 0x9f, 0xa0, 0xbb, 0xd8, 0xf6, 0xff,
]
const EDGE_NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff]
/** Changes heaped on one input. */
const MOST_CHANGES = 6

export interface Mutator extends Dictionary {
  readonly format: Format
  readonly maxBytes: number
}

/** A new input made of one or two old ones; at most `maxBytes` long. */
export function mutate(input: Uint8Array, other: Uint8Array, mutator: Mutator, random: Random): Uint8Array {
  const { format, maxBytes } = mutator
  let bytes = input
  for (let left = random.chance(2) ? 1 : 1 + random.skewed(MOST_CHANGES); left > 0; left--) {
    const tree = format !== 'bytes' && !random.chance(3) ? mutateTree(format, bytes, other, mutator, random) : undefined
    bytes = tree ?? mutateBytes(bytes, other, mutator, random)
    if (bytes.length > maxBytes) bytes = bytes.slice(0, maxBytes)
  }
  return bytes
}

function mutateBytes(input: Uint8Array, other: Uint8Array, { words, numbers }: Dictionary, random: Random): Uint8Array {
  const at = random.below(input.length + 1)
  const length = random.skewed(input.length - at + 1)
  switch (random.below(10)) {
    case 0:
      return written(input, at, Uint8Array.of((input[at] ?? 0) ^ (1 << random.below(8))))
    case 1:
      return written(input, at, Uint8Array.of(random.chance(2) ? random.pick(EDGE_BYTES) : random.below(256)))
    case 2:
      return written(input, at, number(numbers, random))
    case 3:
      return spliced(input, at, length, new Uint8Array())
    case 4:
      return input.slice(0, at)
    case 5: {
      const piece = input.subarray(at, at + length)
      return spliced(input, at, 0, repeated(piece, random.chance(20) ? 1 + random.skewed(5_000) : 1 + random.below(3)))
    }
    case 6: {
      const from = random.below(other.length + 1)
      return spliced(
        input,
        at,
        random.chance(2) ? length : 0,
        other.subarray(from, from + random.skewed(other.length - from + 1)),
      )
    }
    case 7:
      return concat(input.subarray(0, at), other.subarray(random.below(other.length + 1)))
    case 8:
      return spliced(input, at, random.chance(2) ? length : 0, new TextEncoder().encode(random.pick(words) ?? ''))
    default:
      return written(input, at, Uint8Array.of((input[at] ?? 0) + random.pick([1, -1, 16, -16])))
  }
}

/** A length or a count at its edge, of one, two, four or eight bytes, in either order. */
function number(numbers: readonly number[], random: Random): Uint8Array {
  const bytes = new Uint8Array(random.pick([1, 2, 4, 8]))
  let rest = Math.max(0, random.pick(numbers.length === 0 || random.chance(2) ? EDGE_NUMBERS : numbers))
  const bigEndian = random.chance(2)
  for (let i = 0; i < bytes.length; i++) {
    bytes[bigEndian ? bytes.length - 1 - i : i] = rest & 255
    rest = Math.floor(rest / 256)
  }
  return bytes
}

function written(input: Uint8Array, at: number, bytes: Uint8Array): Uint8Array {
  const result = input.slice()
  result.set(bytes.subarray(0, Math.max(0, result.length - at)), at)
  return result
}

function spliced(input: Uint8Array, at: number, removed: number, piece: Uint8Array): Uint8Array {
  return concat(input.subarray(0, at), piece, input.subarray(at + removed))
}

function repeated(piece: Uint8Array, times: number): Uint8Array {
  const result = new Uint8Array(piece.length * Math.min(times, Math.ceil(1_048_576 / (piece.length + 1))))
  for (let i = 0; i < result.length; i += piece.length) result.set(piece, i)
  return result
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}
