import { HydraError, utf8 } from '@hydraai/core'
import { FIRST_BYTE_TOKEN, FIRST_MERGE_TOKEN, MAX_VOCABULARY } from './tokens.ts'
import { forEachWord } from './words.ts'

/** Two tokens that become one. */
export type Merge = readonly [left: number, right: number]

/** Text as tokens and back: byte-pair encoding (Sennrich et al., 2016) over the bytes of UTF-8, word by word. */
export interface Tokenizer {
  /** Tokens are 0 to `vocabulary` - 1. */
  readonly vocabulary: number
  /** Merge i makes token 258 + i. */
  readonly merges: readonly Merge[]
  /** Never END_TOKEN or ANSWER_TOKEN. Halves of characters (unpaired surrogates) become U+FFFD. */
  encode(text: string): Int32Array
  /** The text of the tokens; bytes that are no UTF-8 become U+FFFD. @throws HydraError TOKEN_INVALID */
  decode(tokens: ArrayLike<number>): string
  /** A copy of what a token stands for; nothing for END_TOKEN and ANSWER_TOKEN. @throws HydraError TOKEN_INVALID */
  bytesOf(token: number): Uint8Array
}

/** Longest token in bytes: merges that double each time must not fill the memory. */
const MAX_TOKEN_BYTES = 256
/** Words whose tokens are remembered. */
const MAX_CACHED_WORDS = 65_536

/** A pair of tokens as one number. */
export const pairKey = (left: number, right: number): number => left * MAX_VOCABULARY + right

/** The tokenizer of these merges, which may come from a stranger. @throws HydraError TOKENIZER_INVALID */
export function tokenizerOf(merges: readonly Merge[]): Tokenizer {
  return new BytePairTokenizer(merges)
}

class BytePairTokenizer implements Tokenizer {
  readonly merges: readonly Merge[]
  readonly #bytes: readonly Uint8Array[]
  readonly #tokenOf = new Map<number, number>()
  #cache = new Map<string, Int32Array>()

  constructor(merges: readonly Merge[]) {
    if (merges.length > MAX_VOCABULARY - FIRST_MERGE_TOKEN) {
      throw invalid(`${merges.length} merges are more than ${MAX_VOCABULARY - FIRST_MERGE_TOKEN}`)
    }
    const bytes = [new Uint8Array(0), new Uint8Array(0)]
    for (let byte = 0; byte < 256; byte++) bytes.push(Uint8Array.of(byte))
    merges.forEach(([left, right], index) => {
      const token = FIRST_MERGE_TOKEN + index
      for (const part of [left, right]) {
        if (!Number.isInteger(part) || part < FIRST_BYTE_TOKEN || part >= token) {
          throw invalid(`merge ${index} joins ${left} and ${right}, but only 2 to ${token - 1} are there to be joined`)
        }
      }
      const key = pairKey(left, right)
      if (this.#tokenOf.has(key)) throw invalid(`merge ${index} joins ${left} and ${right} a second time`)
      const length = bytes[left]!.length + bytes[right]!.length
      if (length > MAX_TOKEN_BYTES) throw invalid(`merge ${index} makes a token of ${length} bytes`)
      this.#tokenOf.set(key, token)
      const joined = new Uint8Array(length)
      joined.set(bytes[left]!)
      joined.set(bytes[right]!, bytes[left]!.length)
      bytes.push(joined)
    })
    this.merges = merges.map(([left, right]) => [left, right] as const)
    this.#bytes = bytes
  }

  get vocabulary(): number {
    return this.#bytes.length
  }

  encode(text: string): Int32Array {
    let tokens = new Int32Array(Math.max(16, text.length >> 1))
    let count = 0
    forEachWord(text, word => {
      const found = this.#tokensOf(word)
      if (count + found.length > tokens.length) {
        const larger = new Int32Array(2 * tokens.length + found.length)
        larger.set(tokens)
        tokens = larger
      }
      for (let i = 0; i < found.length; i++) tokens[count++] = found[i]!
    })
    return tokens.slice(0, count)
  }

  decode(tokens: ArrayLike<number>): string {
    let length = 0
    for (let i = 0; i < tokens.length; i++) length += this.#lookUp(tokens[i]!).length
    const bytes = new Uint8Array(length)
    let at = 0
    for (let i = 0; i < tokens.length; i++) {
      const part = this.#lookUp(tokens[i]!)
      bytes.set(part, at)
      at += part.length
    }
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  }

  bytesOf(token: number): Uint8Array {
    return this.#lookUp(token).slice()
  }

  #lookUp(token: number): Uint8Array {
    const bytes = this.#bytes[token]
    if (bytes !== undefined) return bytes
    throw new HydraError('TOKEN_INVALID', `token ${token}, but the vocabulary is 0 to ${this.vocabulary - 1}`)
  }

  #tokensOf(word: string): Int32Array {
    const known = this.#cache.get(word)
    if (known !== undefined) return known
    const found = this.#merge(utf8(word))
    if (this.#cache.size >= MAX_CACHED_WORDS) this.#cache = new Map()
    this.#cache.set(word, found)
    return found
  }

  /** Joins the pair that was found first in training, wherever it stands, until no pair is known. */
  #merge(bytes: Uint8Array): Int32Array {
    const tokens = Int32Array.from(bytes, byte => FIRST_BYTE_TOKEN + byte)
    let count = tokens.length
    for (;;) {
      let least = MAX_VOCABULARY
      for (let i = 0; i + 1 < count; i++) {
        const token = this.#tokenOf.get(pairKey(tokens[i]!, tokens[i + 1]!))
        if (token !== undefined && token < least) least = token
      }
      if (least === MAX_VOCABULARY) return tokens.slice(0, count)
      const [left, right] = this.merges[least - FIRST_MERGE_TOKEN]!
      count = joinPair(tokens, 0, count, left, right, least)
    }
  }
}

/** Joins a pair from left to right in tokens[from, from + count), in place; how many tokens are left. */
export function joinPair(
  tokens: Int32Array,
  from: number,
  count: number,
  left: number,
  right: number,
  joined: number,
): number {
  const end = from + count
  let to = from
  for (let i = from; i < end; i++) {
    if (tokens[i] === left && i + 1 < end && tokens[i + 1] === right) {
      tokens[to++] = joined
      i++
    } else {
      tokens[to++] = tokens[i]!
    }
  }
  return to - from
}

function invalid(problem: string): HydraError {
  return new HydraError('TOKENIZER_INVALID', `the tokenizer: ${problem}`)
}
