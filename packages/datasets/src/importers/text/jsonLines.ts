/** JSON lines of {"q", "a"} as a text dataset: a model learns to answer. */
import { trainTokenizer } from '@hydraai/engine'
import type { TextSample } from '@hydraai/training'
import { readBounded, textOf } from '../files.ts'
import { dataError, type Imported, type ImportOptions, tooLarge } from '../importer.ts'
import { splitByHash, splitKeyOf } from '../split.ts'
import { answerSample } from './answerSample.ts'
import { MOST_HELD_OUT_TEXTS, textImport, textSizes } from './textImport.ts'

const MAX_FILE_BYTES = 64 * 1024 * 1024
const MAX_LINE_CHARACTERS = 65_536
const ADVICE = 'Each line is {"q": "a question", "a": "its answer"}.'

interface Pair {
  readonly question: string
  readonly answer: string
}

/** @throws HydraError DATA_INVALID, DATA_TOO_LARGE, DATA_TOO_FEW, OPTION_INVALID */
export async function importJsonLines(path: string, options: ImportOptions): Promise<Imported> {
  const { context, vocabulary } = textSizes(options)
  const pairs = pairsOf(textOf(await readBounded(path, MAX_FILE_BYTES), path), path)
  const keys = pairs.map(({ question, answer }) => splitKeyOf(JSON.stringify([question, answer])))
  const split = splitByHash(keys, MOST_HELD_OUT_TEXTS)
  options.onProgress?.({ what: 'learning the tokens', done: 0, total: 0 })
  const tokenizer = trainTokenizer(
    split.train.flatMap(i => [pairs[i]!.question, pairs[i]!.answer]),
    vocabulary,
  )
  let long = 0
  const samplesAt = (indices: readonly number[]): TextSample[] =>
    indices.flatMap(i => {
      const sample = answerSample(tokenizer, pairs[i]!)
      if (sample.tokens.length <= context + 1) return [sample]
      long++
      return []
    })
  const [train, heldOut] = [samplesAt(split.train), samplesAt(split.heldOut)]
  if (train.length === 0 || heldOut.length === 0) {
    throw dataError(path, `hardly a pair fits into ${context} tokens`, 'Give a larger --context, or shorter answers.')
  }
  const warnings = long === 0 ? [] : [`${long} pairs are longer than ${context} tokens and were left out.`]
  return textImport({
    where: path,
    format: 'json-lines',
    mode: 'answers',
    context,
    tokenizer,
    train,
    heldOut,
    warnings,
  })
}

function pairsOf(text: string, path: string): Pair[] {
  const pairs: Pair[] = []
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '') return
    const where = `${path}:${i + 1}`
    if (line.length > MAX_LINE_CHARACTERS)
      throw tooLarge(where, 'the line has more than 65,536 characters', 'Shorten it.')
    pairs.push(pairOf(line, where))
  })
  if (pairs.length === 0) throw dataError(path, 'it is empty', ADVICE)
  return pairs
}

/** The pair of a line. @throws HydraError DATA_INVALID */
function pairOf(line: string, where: string): Pair {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw dataError(where, 'the line is not JSON', ADVICE, cause)
  }
  const { q, a } = (value ?? {}) as Record<string, unknown>
  if (typeof q !== 'string' || q.trim() === '') throw dataError(where, '"q" is no text', ADVICE)
  if (typeof a !== 'string' || a.trim() === '') throw dataError(where, '"a" is no text', ADVICE)
  return { question: q.trim(), answer: a.trim() }
}

/** Whether the first line of a text looks like one of a file of pairs. */
export function looksLikePairs(head: string): boolean {
  const [line = ''] = head.trimStart().split('\n')
  return /^\{.*"(q|a)"\s*:/.test(line)
}
