import { HydraError } from '@hydraai/core'
import pc from 'picocolors'

/** What the program's exit code means; `--help` says the same. */
export const ExitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  wrongPassword: 3,
  /** A second Ctrl-C, or a prompt that was left with Ctrl-C. */
  interrupted: 130,
} as const

const USAGE_CODES = new Set([
  'ANSWER_FILE_INVALID',
  'OPTION_INVALID',
  'PASSWORD_NEEDED',
  'WALLET_NEEDED',
  'PHRASE_NEEDED',
])

export function exitCodeOf(error: unknown): number {
  const code = error instanceof HydraError ? error.code : ''
  if (code === 'WALLET_WRONG_PASSWORD') return ExitCode.wrongPassword
  if (code === 'CANCELLED') return ExitCode.interrupted
  return USAGE_CODES.has(code) ? ExitCode.usage : ExitCode.failed
}

/** Says on stderr what went wrong, as a sentence with advice below it. `stack` adds where, for the unexpected. */
export function describeError(error: unknown, { stack }: { stack: boolean }): string {
  const c = pc.createColors(process.stderr.isTTY === true && pc.isColorSupported)
  if (error instanceof HydraError) {
    const lines = [c.red(sentence(error.message))]
    if (error.advice) lines.push(sentence(error.advice))
    if (stack) lines.push(c.dim(stackOf(error)))
    return `${lines.join('\n')}\n`
  }
  const message = error instanceof Error ? error.message : String(error)
  const advice = stack ? c.dim(stackOf(error)) : 'Run it again with --log-level debug to see where.'
  return `${c.red(`Something unexpected went wrong: ${message}`)}\n${advice}\n`
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
