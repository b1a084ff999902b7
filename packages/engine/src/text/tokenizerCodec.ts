import { type Codec, codecError, decode, encode, list, literal, struct, uintRange } from '@hydraai/core'
import { type Merge, type Tokenizer, tokenizerOf } from './tokenizer.ts'
import { FIRST_BYTE_TOKEN, FIRST_MERGE_TOKEN, MAX_VOCABULARY } from './tokens.ts'

/** Longest encoding that is read: every merge at its longest, seven bytes, and the frame. */
const MAX_TOKENIZER_BYTES = 524_288

const token = uintRange(FIRST_BYTE_TOKEN, MAX_VOCABULARY - 1)
const tokens = list(token, { max: 2 })

const mergeCodec: Codec<Merge> = {
  toWire: (merge, path) => tokens.toWire([...merge], path),
  fromWire(wire, path) {
    const [left, right] = tokens.fromWire(wire, path)
    if (left === undefined || right === undefined) throw codecError(path, 'expected two tokens')
    return [left, right]
  },
}

const fileCodec = struct({
  format: literal('hydra-bpe/1'),
  merges: list(mergeCodec, { max: MAX_VOCABULARY - FIRST_MERGE_TOKEN }),
})

/** The canonical encoding of a tokenizer: what its hash names. */
export function tokenizerToBytes(tokenizer: Tokenizer): Uint8Array {
  return encode(fileCodec, { format: 'hydra-bpe/1', merges: [...tokenizer.merges] })
}

/** The tokenizer of bytes from a stranger. @throws HydraError CODEC_INVALID, TOKENIZER_INVALID */
export function tokenizerOfBytes(bytes: Uint8Array): Tokenizer {
  return tokenizerOf(decode(fileCodec, bytes, { maxBytes: MAX_TOKENIZER_BYTES }).merges)
}
