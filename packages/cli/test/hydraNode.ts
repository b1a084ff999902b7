import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../../../hydra_node', import.meta.url))

/** A folder for one test file or test, gone afterwards. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'hydra-cli-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** `HYDRA_PASSWORD` and the like; what the machine has set itself does not reach the program. */
export type Environment = Readonly<Record<string, string>>

export const PASSWORD = 'correct horse'

/** Runs the real program to its end, with no terminal. */
export function hydraNode(args: readonly string[], env: Environment, input = ''): Promise<Outcome> {
  return startNode(args, env, input).ended
}

/** The same, with the process to send signals to. */
export function startNode(
  args: readonly string[],
  env: Environment,
  input = '',
): { child: ChildProcess; ended: Promise<Outcome> } {
  const child = start(args, env)
  let [stdout, stderr] = ['', '']
  child.stdout!.setEncoding('utf8').on('data', part => {
    stdout += part
  })
  child.stderr!.setEncoding('utf8').on('data', part => {
    stderr += part
  })
  child.stdin!.on('error', () => {})
  child.stdin!.end(input)
  const ended = new Promise<Outcome>(resolve => child.once('close', code => resolve({ code, stdout, stderr })))
  return { child, ended }
}

/** The program as it runs, with its events. Ended when the test is. */
export class Running {
  readonly events: Record<string, unknown>[] = []
  readonly #child: ChildProcess
  readonly #exit: Promise<number | string | null>
  readonly #waiting = new Set<() => void>()
  stderr = ''

  constructor(args: readonly string[], env: Environment) {
    this.#child = start([...args, '--json'], env)
    this.#child.stdin!.end()
    this.#child.stderr!.setEncoding('utf8').on('data', part => {
      this.stderr += part
    })
    createInterface({ input: this.#child.stdout! }).on('line', line => {
      this.events.push(JSON.parse(line))
      this.#wake()
    })
    this.#exit = new Promise(resolve =>
      this.#child.once('close', (code, signal) => {
        resolve(signal ?? code)
        this.#wake()
      }),
    )
    onTestFinished(() => void this.#child.kill('SIGKILL'))
  }

  /** The first event that fits, told already or yet to come. Throws when the program ends without it. */
  async event(name: string, fits: (event: Record<string, unknown>) => boolean = () => true) {
    for (;;) {
      const found = this.events.find(event => event.event === name && fits(event))
      if (found) return found
      if (this.#child.exitCode !== null) throw new Error(`ended without "${name}": ${this.stderr}`)
      await new Promise<void>(resolve => this.#waiting.add(resolve))
    }
  }

  /** Closes our end of its output, as `| head` does. */
  stopReading(): void {
    this.#child.stdout!.destroy()
  }

  interrupt(): void {
    this.#child.kill('SIGINT')
  }

  /** Its exit code, or the signal that ended it. */
  ended(): Promise<number | string | null> {
    return this.#exit
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}

function start(args: readonly string[], env: Environment): ChildProcess {
  const { HYDRA_PASSWORD: _, HYDRA_NEW_PASSWORD: __, HYDRA_HOME: ___, ...inherited } = process.env
  return spawn(PROGRAM, args, { env: { ...inherited, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
}
