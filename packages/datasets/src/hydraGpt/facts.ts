/** The facts that `hydra-gpt` is to know: `data/facts/*.jsonl`, a line a fact. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HydraError } from '@hydraai/core'
import { normalisedQuestion, type Pair } from './pair.ts'

/** One answer and the ways to ask for it. `heldOut` are for evaluation only: no model is trained on them. */
export interface Fact {
  readonly answer: string
  readonly questions: readonly string[]
  readonly heldOut: readonly string[]
}

const FOLDER = fileURLToPath(new URL('../../data/facts/', import.meta.url))

/** All facts, the files in the order of their names. @throws HydraError FACT_INVALID with file and line */
export async function readFacts(folder = FOLDER): Promise<Fact[]> {
  const names = (await readdir(folder)).filter(name => name.endsWith('.jsonl')).sort(byCodeUnits)
  const files = await Promise.all(names.map(name => readFile(join(folder, name), 'utf8')))
  const facts = files.flatMap((text, i) => factsOf(text, names[i]!))
  checkQuestions(facts)
  return facts
}

/** The facts of one file. @throws HydraError FACT_INVALID */
export function factsOf(text: string, name: string): Fact[] {
  const facts: Fact[] = []
  text.split('\n').forEach((line, i) => {
    if (line.trim() !== '') facts.push(factOf(line, `${name}:${i + 1}`))
  })
  return facts
}

/** Every phrasing that is trained on, with its answer. */
export function trainingPairsOf(facts: readonly Fact[]): Pair[] {
  return facts.flatMap(({ answer, questions }) => questions.map(question => ({ question, answer })))
}

/** Every phrasing that is held out, with its answer. */
export function heldOutPairsOf(facts: readonly Fact[]): Pair[] {
  return facts.flatMap(({ answer, heldOut }) => heldOut.map(question => ({ question, answer })))
}

function factOf(line: string, where: string): Fact {
  let fact: unknown
  try {
    fact = JSON.parse(line)
  } catch (cause) {
    throw invalid(where, 'the line is not JSON', cause)
  }
  const { answer, questions, heldOut } = (fact ?? {}) as Record<string, unknown>
  if (!isText(answer)) throw invalid(where, '"answer" is no text')
  if (!isTexts(questions) || questions.length === 0) throw invalid(where, '"questions" is no list of texts')
  if (!isTexts(heldOut)) throw invalid(where, '"heldOut" is no list of texts')
  return { answer, questions, heldOut }
}

/** One question has one answer, and a held-out phrasing is trained on nowhere. @throws HydraError FACT_INVALID */
function checkQuestions(facts: readonly Fact[]): void {
  const answers = new Map<string, string>()
  for (const { question, answer } of [...trainingPairsOf(facts), ...heldOutPairsOf(facts)]) {
    const key = normalisedQuestion(question)
    if (answers.has(key)) throw invalid(`"${question}"`, `it is asked twice: also for "${answers.get(key)}"`)
    answers.set(key, answer)
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText)
}

function invalid(where: string, what: string, cause?: unknown): HydraError {
  return new HydraError('FACT_INVALID', `${where}: ${what}.`, { advice: 'Correct the file.', cause })
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
