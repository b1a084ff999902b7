/** All that `hydra-gpt` learns from and is judged by, as text. */
import { type Hash, taggedHash, utf8 } from '@hydraai/core'
import { type Fact, heldOutPairsOf, trainingPairsOf } from './facts.ts'
import { normalisedQuestion, type Pair } from './pair.ts'

/** WordNet's definitions of which this share in a million is held out. */
const WORDNET_HELD_OUT_PPM = 20_000
const MILLION = 1_000_000

export interface Corpus {
  readonly facts: readonly Fact[]
  /** What is trained on: every phrasing of every fact that is not held out, and most of WordNet. */
  readonly training: { readonly facts: readonly Pair[]; readonly wordnet: readonly Pair[] }
  /** What is not, each list in the order of {@link heldOutRank}, so that its beginning is a fair sample. */
  readonly heldOut: { readonly facts: readonly Pair[]; readonly wordnet: readonly Pair[] }
}

/**
 * A question is asked once ("bull's eye" and "bull's-eye" are one). Facts go before WordNet, held-out phrasings included.
 * WordNet is split by the answer, because synonyms share theirs and a definition must not stand on both sides.
 */
export function corpusOf(facts: readonly Fact[], wordnet: readonly Pair[]): Corpus {
  const factPairs = trainingPairsOf(facts)
  const heldOutFacts = heldOutPairsOf(facts)
  const known = new Set([...factPairs, ...heldOutFacts].map(({ question }) => normalisedQuestion(question)))
  const training: Pair[] = []
  const heldOut: Pair[] = []
  for (const pair of wordnet) {
    const question = normalisedQuestion(pair.question)
    if (known.has(question)) continue
    known.add(question)
    const side = isHeldOutAnswer(pair.answer) ? heldOut : training
    side.push(pair)
  }
  return {
    facts,
    training: { facts: factPairs, wordnet: training },
    heldOut: { facts: byRank(heldOutFacts), wordnet: byRank(heldOut) },
  }
}

/** Where a pair stands among those that are held out. */
function heldOutRank({ question }: Pair): Hash {
  return taggedHash('hydra/held-out-rank/1', utf8(question))
}

function isHeldOutAnswer(answer: string): boolean {
  const first = Number.parseInt(taggedHash('hydra/held-out/1', utf8(answer)).slice(0, 8), 16)
  return first * MILLION < WORDNET_HELD_OUT_PPM * 0x1_0000_0000
}

function byRank(pairs: readonly Pair[]): Pair[] {
  const ranked = pairs.map(pair => ({ pair, rank: heldOutRank(pair) }))
  ranked.sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0))
  return ranked.map(({ pair }) => pair)
}
