/** The data of the task `hydra-gpt`: a pure function of the files that ship, so that everyone who has them has its hashes. */
import { HydraError } from '@hydraai/core'
import { type Tokenizer, tokenizerToBytes, trainTokenizer } from '@hydraai/engine'
import { type TextDataset, type TextSample, textDataset } from '@hydraai/training'
import { answerSample } from '../importers/text/answerSample.ts'
import { type Corpus, corpusOf } from './corpus.ts'
import { type Fact, readFacts } from './facts.ts'
import type { Pair } from './pair.ts'
import { readWordnetFiles, wordnetPairs } from './wordnet.ts'

export const HYDRA_GPT_CONTEXT = 64
export const HYDRA_GPT_VOCABULARY = 2048
/** Pairs of each kind in the held-out part that every evaluation goes through. */
const HELD_OUT_OF_EACH = 128
/** Facts are few; so often the tokenizer sees them, that their words count beside those of WordNet. */
const FACT_COPIES = 16

export interface HydraGptTask {
  /** What `tokenizerOfBytes` of the engine reads. */
  readonly tokenizer: Uint8Array
  readonly dataset: TextDataset
  readonly facts: readonly Fact[]
  /** Everything that is held out and fits the context: more than the dataset's held-out part, which is its beginning. */
  readonly heldOut: { readonly facts: readonly Pair[]; readonly wordnet: readonly Pair[] }
}

/** Reads the files and makes the task; seconds of work, the same bytes always. @throws HydraError FACT_INVALID, DATA_INVALID */
export async function loadHydraGptTask(): Promise<HydraGptTask> {
  const [facts, files] = await Promise.all([readFacts(), readWordnetFiles()])
  return hydraGptTaskOf(corpusOf(facts, wordnetPairs(files)))
}

/** {@link loadHydraGptTask} over texts that are already there. @throws HydraError FACT_INVALID for a fact that is too long */
export function hydraGptTaskOf(corpus: Corpus): HydraGptTask {
  const { facts, training, heldOut } = corpus
  const tokenizer = trainTokenizer(tokenizerTexts(corpus), HYDRA_GPT_VOCABULARY)
  for (const pair of [...training.facts, ...heldOut.facts]) checkFits(tokenizer, pair)
  const wordnetHeldOut = heldOut.wordnet.filter(pair => fits(answerSample(tokenizer, pair)))
  const dataset = textDataset({
    context: HYDRA_GPT_CONTEXT,
    vocabulary: HYDRA_GPT_VOCABULARY,
    mode: 'answers',
    strata: [
      { weight: 4, samples: samplesOfPairs(tokenizer, training.facts) },
      { weight: 1, samples: samplesOfPairs(tokenizer, training.wordnet).filter(fits) },
    ],
    heldOut: [heldOut.facts, wordnetHeldOut].flatMap(pairs =>
      samplesOfPairs(tokenizer, pairs.slice(0, HELD_OUT_OF_EACH)),
    ),
  })
  return {
    tokenizer: tokenizerToBytes(tokenizer),
    dataset,
    facts,
    heldOut: { facts: heldOut.facts, wordnet: wordnetHeldOut },
  }
}

function* tokenizerTexts({ training }: Corpus): Iterable<string> {
  for (let copy = 0; copy < FACT_COPIES; copy++) yield* textsOf(training.facts)
  yield* textsOf(training.wordnet)
}

function* textsOf(pairs: readonly Pair[]): Iterable<string> {
  for (const { question, answer } of pairs) {
    yield question
    yield answer
  }
}

function samplesOfPairs(tokenizer: Tokenizer, pairs: readonly Pair[]): TextSample[] {
  return pairs.map(pair => answerSample(tokenizer, pair))
}

/** A sample holds one token more than the context: the last is never an input. */
function fits({ tokens }: TextSample): boolean {
  return tokens.length <= HYDRA_GPT_CONTEXT + 1
}

function checkFits(tokenizer: Tokenizer, pair: Pair): void {
  const { length } = answerSample(tokenizer, pair).tokens
  if (length <= HYDRA_GPT_CONTEXT + 1) return
  throw new HydraError('FACT_INVALID', `"${pair.question}" and its answer take ${length} tokens.`, {
    advice: `Shorten the answer: question and answer have ${HYDRA_GPT_CONTEXT + 1} tokens together.`,
  })
}
