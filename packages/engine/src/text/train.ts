import { HydraError, utf8 } from '@hydraai/core'
import { PairCounts } from './pairCounts.ts'
import { joinPair, type Merge, pairKey, type Tokenizer, tokenizerOf } from './tokenizer.ts'
import { FIRST_BYTE_TOKEN, FIRST_MERGE_TOKEN, MAX_VOCABULARY } from './tokens.ts'
import { forEachWord } from './words.ts'

/** A pair that stands in the texts once saves nothing. */
const LEAST_COUNT = 2

/**
 * Finds the merges of the texts: again and again the most frequent pair of neighbours in a word becomes a token, among equals
 * the pair with the smaller left, then the smaller right token. Counts are integers, so every machine finds the same.
 * Fewer than `vocabulary` tokens where the texts have no more pairs.
 * @param vocabulary 258 to 65,536
 * @throws HydraError RANGE_INVALID
 */
export function trainTokenizer(texts: Iterable<string>, vocabulary: number): Tokenizer {
  if (!Number.isInteger(vocabulary) || vocabulary < FIRST_MERGE_TOKEN || vocabulary > MAX_VOCABULARY) {
    throw new HydraError('RANGE_INVALID', `a vocabulary of ${vocabulary} tokens`, {
      advice: `Use ${FIRST_MERGE_TOKEN} to ${MAX_VOCABULARY}.`,
    })
  }
  const words = new Words(texts)
  const merges: Merge[] = []
  while (FIRST_MERGE_TOKEN + merges.length < vocabulary) {
    const merge = words.takeMerge(FIRST_MERGE_TOKEN + merges.length)
    if (merge === null) break
    merges.push(merge)
  }
  return tokenizerOf(merges)
}

/** The distinct words of texts as tokens, and the pairs in them. */
class Words {
  readonly #tokens: Int32Array
  /** Where each word starts, how many tokens it is by now, and how often it stands in the texts. */
  readonly #starts: number[] = []
  readonly #lengths: number[] = []
  readonly #counts: number[] = []
  readonly #pairs = new PairCounts()
  /** The words that a pair stood in when it came to be; it may have gone from some since. */
  readonly #wordsOf = new Map<number, number[]>()
  /** Pairs that came to be since the last merge. */
  readonly #fresh = new Set<number>()

  constructor(texts: Iterable<string>) {
    const counts = new Map<string, number>()
    for (const text of texts) forEachWord(text, word => counts.set(word, (counts.get(word) ?? 0) + 1))
    let total = 0
    const encoded = Array.from(counts, ([word, count]) => {
      const bytes = utf8(word)
      total += bytes.length
      return { bytes, count }
    })
    this.#tokens = new Int32Array(total)
    let at = 0
    encoded.forEach(({ bytes, count }, word) => {
      this.#starts.push(at)
      this.#lengths.push(bytes.length)
      this.#counts.push(count)
      for (const byte of bytes) this.#tokens[at++] = FIRST_BYTE_TOKEN + byte
      this.#countPairs(word, count, -1)
    })
    this.#offerFresh()
  }

  /** The most frequent pair, which becomes `token` in every word. */
  takeMerge(token: number): Merge | null {
    const key = this.#pairs.takeTop(LEAST_COUNT)
    if (key === null) return null
    const [left, right] = [Math.floor(key / MAX_VOCABULARY), key % MAX_VOCABULARY]
    for (const word of this.#wordsOf.get(key) ?? []) this.#join(word, left, right, token)
    this.#wordsOf.delete(key)
    this.#offerFresh()
    return [left, right]
  }

  #offerFresh(): void {
    for (const key of this.#fresh) this.#pairs.offer(key)
    this.#fresh.clear()
  }

  #join(word: number, left: number, right: number, token: number): void {
    const [start, length, count] = [this.#starts[word]!, this.#lengths[word]!, this.#counts[word]!]
    if (!this.#holds(word, left, right)) return
    this.#countPairs(word, -count, 0)
    this.#lengths[word] = joinPair(this.#tokens, start, length, left, right, token)
    this.#countPairs(word, count, token)
  }

  #holds(word: number, left: number, right: number): boolean {
    const start = this.#starts[word]!
    const last = start + this.#lengths[word]! - 1
    for (let i = start; i < last; i++) if (this.#tokens[i] === left && this.#tokens[i + 1] === right) return true
    return false
  }

  /** Adds to the counts of a word's pairs. Pairs with the token `joined` are new; -1: all are, 0: none is. */
  #countPairs(word: number, change: number, joined: number): void {
    const start = this.#starts[word]!
    const last = start + this.#lengths[word]! - 1
    for (let i = start; i < last; i++) {
      const [left, right] = [this.#tokens[i]!, this.#tokens[i + 1]!]
      const key = pairKey(left, right)
      this.#pairs.add(key, change)
      if (joined === -1 || left === joined || right === joined) this.#note(key, word)
    }
  }

  #note(key: number, word: number): void {
    this.#fresh.add(key)
    const words = this.#wordsOf.get(key)
    if (words === undefined) this.#wordsOf.set(key, [word])
    else if (words.at(-1) !== word) words.push(word)
  }
}
