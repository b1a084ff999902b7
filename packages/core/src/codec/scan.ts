import { HydraError } from '../errors.ts'

/** Deepest nesting of lists and maps. */
const MAX_DEPTH = 32

function refuse(position: number, problem: string): never {
  throw new HydraError('CODEC_INVALID', `$: ${problem} at byte ${position}`)
}

/**
 * Walks CBOR (RFC 8949) without building anything, so that hostile input is refused before a decoder recurses into it or
 * allocates for it: nesting beyond a bound, lengths beyond the end, tags, floats, undefined and indefinite lengths.
 * @throws HydraError CODEC_INVALID
 */
export function scanCbor(bytes: Uint8Array): void {
  const open: number[] = [] // items still to come in each enclosing list or map
  let at = 0
  let left = 1 // items still to come at this level
  for (;;) {
    while (left === 0) {
      const outer = open.pop()
      if (outer === undefined) {
        if (at !== bytes.length) refuse(at, `${bytes.length - at} bytes too many`)
        return
      }
      left = outer
    }
    left--
    const start = at
    const head = bytes[at++]
    if (head === undefined) refuse(start, 'the input ends too early')
    const major = head >> 5
    const info = head & 31
    if (major === 6) refuse(start, 'a tag, which this format does not use,')
    if (major === 7) {
      if (info < 20 || info > 22) refuse(start, 'a float or other value that this format does not use')
      continue
    }
    if (info > 27) refuse(start, 'an indefinite length')
    let argument = info
    if (info >= 24) {
      const width = 1 << (info - 24)
      if (at + width > bytes.length) refuse(start, 'the input ends too early')
      argument = 0
      for (let i = 0; i < width; i++) argument = argument * 256 + bytes[at++]!
    }
    if (major < 2) continue
    // Each item takes a byte at least, so a count beyond the rest is a lie; large values lose digits here but stay large.
    const items = major === 5 ? argument * 2 : argument
    if (items > bytes.length - at) refuse(start, 'a length beyond the end of the input')
    if (major < 4) {
      at += argument
    } else {
      if (open.length === MAX_DEPTH) refuse(start, `nesting deeper than ${MAX_DEPTH}`)
      open.push(left)
      left = items
    }
  }
}
