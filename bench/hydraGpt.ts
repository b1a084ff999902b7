// How good the language model that ships is, on questions that it was never trained on.
//
//     npm run evaluate                    every held-out phrasing of the facts, every held-out noun of WordNet
//     npm run evaluate -- --facts 100     only so many phrasings
//     npm run evaluate -- --folder DIR    another checkpoint; --json prints one object; --wrong shows what was not near
//
// An answer is near when its words and those of the fact overlap by an F1 of at least 0.8 (lower case, no punctuation).
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ZERO_HASH } from '@hydraai/core'
import { loadHydraGptTask, type Pair, readCheckpoint, SHIPPED_FOLDER } from '@hydraai/datasets'
import { createEngine, generate, modelDocumentOfBytes, tokenizerOfBytes } from '@hydraai/engine'
import { textDataset } from '@hydraai/training'
import { answerSample } from '../packages/datasets/src/importers/text/answerSample.ts'
import { scoreSamples } from '../packages/training/src/score.ts'

const NEAR = 0.8
const GREEDY = { temperaturePpm: 0, topK: 0, topPPpm: 1_000_000, seed: ZERO_HASH }
const BATCH = 32

const { values: options } = parseArgs({
  options: {
    folder: { type: 'string', default: SHIPPED_FOLDER },
    facts: { type: 'string' },
    json: { type: 'boolean', default: false },
    wrong: { type: 'boolean', default: false },
  },
})

const engine = createEngine(await readFile(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm'))))
const checkpoint = await readCheckpoint(options.folder)
const { heldOut } = await loadHydraGptTask()
const document = modelDocumentOfBytes(checkpoint.document)
const tokenizer = tokenizerOfBytes(checkpoint.tokenizer)

const began = performance.now()
const facts = evaluateFacts(spread(heldOut.facts, Number(options.facts ?? heldOut.facts.length)))
const wordnet = evaluateWordnet(heldOut.wordnet)
const { model, version } = checkpoint
const report = { model, version, facts, wordnet, seconds: Math.round((performance.now() - began) / 1000) }
if (options.json) console.log(JSON.stringify(report))
else {
  console.log(`${model} version ${version}`)
  console.log(
    `held-out phrasings of facts: ${facts.near} of ${facts.asked} near (${percent(facts.near / facts.asked)})`,
  )
  console.log(`  word for word: ${facts.exact} (${percent(facts.exact / facts.asked)}); mean F1 ${facts.f1.toFixed(3)}`)
  console.log(`held-out nouns of WordNet: perplexity ${wordnet.perplexity.toFixed(1)} a token, ${wordnet.pairs} pairs`)
}

function evaluateFacts(pairs: readonly Pair[]) {
  const generator = engine.generator(document)
  generator.setParameters(checkpoint.parameters)
  let [near, exact, sum] = [0, 0, 0]
  for (const { question, answer } of pairs) {
    const { text } = generate({ generator, tokenizer, question, sampling: GREEDY, maxTokens: 63 })
    const score = f1(wordsOf(text), wordsOf(answer))
    sum += score
    if (score >= NEAR) near += 1
    else if (options.wrong) console.error(`${score.toFixed(2)} ${question}\n     said: ${text}\n     fact: ${answer}`)
    if (text.trim() === answer) exact += 1
  }
  generator.dispose()
  return { asked: pairs.length, near, exact, f1: sum / pairs.length }
}

function evaluateWordnet(pairs: readonly Pair[]) {
  const samples = pairs.map(pair => answerSample(tokenizer, pair))
  const [context = 0] = document.input
  const dataset = textDataset({
    context,
    vocabulary: tokenizer.vocabulary,
    mode: 'answers',
    strata: [{ weight: 1, samples }],
    heldOut: samples.slice(0, 1),
  })
  const compiled = engine.compile(document, BATCH)
  compiled.setParameters(checkpoint.parameters)
  const all = Int32Array.from(samples, (_, index) => index)
  const { loss } = scoreSamples(compiled, dataset, all, BATCH)
  compiled.dispose()
  return { pairs: pairs.length, loss, perplexity: Math.exp(loss) }
}

/** `count` of them, evenly spread. */
function spread<T>(all: readonly T[], count: number): T[] {
  return Array.from({ length: Math.min(count, all.length) }, (_, i) => all[Math.floor((i * all.length) / count)]!)
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(word => word !== '')
}

/** Harmonic mean of the shares of words that the two have in common. */
function f1(said: readonly string[], meant: readonly string[]): number {
  const left = new Map<string, number>()
  for (const word of meant) left.set(word, (left.get(word) ?? 0) + 1)
  let common = 0
  for (const word of said) {
    const count = left.get(word) ?? 0
    if (count > 0) common += 1
    left.set(word, count - 1)
  }
  return said.length + meant.length === 0 ? 1 : (2 * common) / (said.length + meant.length)
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
