import { Terminal } from '../output/terminal.ts'
import type { Finding } from './finding.ts'

export interface FindingsOutput {
  finding(finding: Finding): void
  progress(check: string, done: number, total: number): void
  finished(counts: { failed: number; warned: number }): void
  clear(): void
}

const EVERY_MS = 500

export class JsonFindings implements FindingsOutput {
  #toldAt = Date.now()

  finding(finding: Finding): void {
    print({ event: 'check', ...finding })
  }

  progress(check: string, done: number, total: number): void {
    if (Date.now() - this.#toldAt < EVERY_MS) return
    this.#toldAt = Date.now()
    print({ event: 'progress', check, done, total })
  }

  finished({ failed, warned }: { failed: number; warned: number }): void {
    print({ event: 'doctor', ok: failed === 0, failed, warned })
  }

  clear(): void {}
}

/** A line a check; the advice under it. */
export class TextFindings implements FindingsOutput {
  readonly #terminal = new Terminal()
  #toldAt = Date.now()

  finding({ check, verdict, text, advice, repaired }: Finding): void {
    const { colors } = this.#terminal
    const mark = {
      ok: colors.green('ok  '),
      warn: colors.yellow('warn'),
      fail: colors.red('fail'),
      skip: colors.dim('skip'),
    }[verdict]
    this.#terminal.line(`${mark}  ${check.padEnd(14)} ${text}`)
    const indent = ' '.repeat(21)
    if (repaired !== undefined) this.#terminal.line(`${indent}${colors.green('repaired:')} ${repaired}`)
    else if (advice !== undefined) this.#terminal.line(`${indent}${colors.dim(advice)}`)
  }

  progress(check: string, done: number, total: number): void {
    if (Date.now() - this.#toldAt < EVERY_MS) return
    this.#toldAt = Date.now()
    const share = total === 0 ? '' : ` of ${total}, ${Math.floor((100 * done) / total)} %`
    this.#terminal.status(this.#terminal.colors.dim(`checking ${check}: ${done}${share}`))
  }

  finished({ failed, warned }: { failed: number; warned: number }): void {
    this.#terminal.status('')
    const parts = [count(failed, 'failure'), count(warned, 'warning')].filter(part => part !== null)
    this.#terminal.line()
    this.#terminal.line(parts.length === 0 ? 'All is well.' : `${parts.join(' and ')}.`)
  }

  clear(): void {
    this.#terminal.status('')
  }
}

function count(n: number, what: string): string | null {
  return n === 0 ? null : `${n} ${what}${n === 1 ? '' : 's'}`
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
