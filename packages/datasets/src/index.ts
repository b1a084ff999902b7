export { type Corpus, corpusOf } from './hydraGpt/corpus.ts'
export { type Fact, readFacts } from './hydraGpt/facts.ts'
export { normalisedQuestion, type Pair } from './hydraGpt/pair.ts'
export { readWordnetFiles, wordnetPairs } from './hydraGpt/wordnet.ts'
