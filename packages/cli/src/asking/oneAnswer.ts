import { once } from 'node:events'
import type { Question } from '@hydraai/node'
import pc from 'picocolors'
import { ExitCode } from '../exit.ts'
import type { Answers } from './answers.ts'
import { type AnswerOutcome, factsOf, followAnswer } from './outcome.ts'
import { printable } from './printable.ts'
import { saveAnswer } from './saveAnswer.ts'

/** One answer: words on stdout as they come, facts on stderr. With `json` one object on stdout. Answers the exit code. */
export async function oneAnswer(options: {
  answers: Answers
  question: Question
  save: string | undefined
  json: boolean
}): Promise<number> {
  const { answers, question, save, json } = options
  const stop = new AbortController()
  const onInterrupt = () => {
    if (stop.signal.aborted) process.exit(ExitCode.interrupted)
    stop.abort()
  }
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onInterrupt)
  try {
    const show = (text: string) => void (json || process.stdout.write(printable(text)))
    const outcome = await followAnswer(answers.ask(question, stop.signal), show)
    if (json) process.stdout.write(`${JSON.stringify(summaryOf(question, outcome))}\n`)
    else if (outcome.text !== '') process.stdout.write('\n')
    if (process.stdout.writableLength > 0) await once(process.stdout, 'drain')
    if (!json) for (const [name, value] of factsOf(outcome)) fact(name, value)
    if (save !== undefined && outcome.end) fact('saved', await saveAnswer(save, outcome))
    if (stop.signal.aborted) return ExitCode.interrupted
    if (outcome.error === null) return ExitCode.ok
    if (!json) showError(outcome.error)
    return ExitCode.failed
  } finally {
    process.off('SIGINT', onInterrupt)
    process.off('SIGTERM', onInterrupt)
  }
}

export function showError({ message, advice }: NonNullable<AnswerOutcome['error']>): void {
  const c = colors()
  process.stderr.write(`${c.red(printable(message))}\n${advice === undefined ? '' : `${printable(advice)}\n`}`)
}

function fact(name: string, value: string): void {
  process.stderr.write(`  ${colors().dim(name.padEnd(9))} ${printable(value)}\n`)
}

function colors() {
  return pc.createColors(process.stderr.isTTY === true && pc.isColorSupported)
}

function summaryOf({ question }: Question, { text, start, end, paid, error }: AnswerOutcome): Record<string, unknown> {
  return {
    question,
    text,
    ...(start && { model: start.model, version: start.version, seed: start.seed }),
    ...(start?.type === 'start' && { server: start.server, serverName: start.serverName }),
    ...(end && { tokens: end.tokens, ended: end.ended }),
    cost: paid?.cost ?? '0',
    transaction: paid?.transaction ?? null,
    ...(end?.type === 'end' && { answer: end.answer }),
    error: error && { code: error.code, message: error.message, ...(error.advice && { advice: error.advice }) },
  }
}
