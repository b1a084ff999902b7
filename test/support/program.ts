import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { eventually } from './eventually.ts'

export const LAUNCHER = fileURLToPath(new URL('../../hydra_node', import.meta.url))
export const PASSWORD = 'a password for tests'

const MAX_KEPT_LINES = 20_000

/** One line of `--json`. */
export interface JsonLine {
  readonly event?: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into lines whose shape is what they test
  readonly [field: string]: any
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** `./hydra_node` with some arguments, as a process of its own. */
export class Program {
  readonly args: readonly string[]
  readonly stdout: string[] = []
  readonly stderr: string[] = []
  readonly exited: Promise<Exit>
  exit: Exit | null = null
  readonly #process: ChildProcess

  /** `shell` is run by bash before the program takes its place, for limits such as `ulimit`. */
  constructor(args: readonly string[], options: { env?: NodeJS.ProcessEnv; shell?: string } = {}) {
    this.args = args
    const { env = {}, shell } = options
    const [command, argv] = shell
      ? ['bash', ['-c', `${shell}; exec "$0" "$@"`, LAUNCHER, ...args]]
      : [LAUNCHER, [...args]]
    this.#process = spawn(command, argv, {
      env: { ...process.env, HYDRA_PASSWORD: PASSWORD, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#keep(this.#process.stdout!, this.stdout)
    this.#keep(this.#process.stderr!, this.stderr)
    this.exited = new Promise((resolve, reject) => {
      this.#process.once('error', reject)
      this.#process.once('close', (code, signal) => {
        this.exit = { code, signal }
        resolve(this.exit)
      })
    })
  }

  get pid(): number {
    return this.#process.pid ?? -1
  }

  /** The lines of stdout that are JSON objects. */
  get lines(): JsonLine[] {
    return this.stdout.flatMap(line => {
      try {
        const value: unknown = JSON.parse(line)
        return typeof value === 'object' && value !== null ? [value as JsonLine] : []
      } catch {
        return []
      }
    })
  }

  /** The first line that is wanted, now or later. Fails at once when the program ends without it. */
  async line(what: string, timeoutMs: number, wanted: (line: JsonLine) => boolean): Promise<JsonLine> {
    const found = await eventually(what, timeoutMs, () => this.lines.find(wanted) ?? this.exit)
    if ('signal' in found && 'code' in found) throw new Error(`${what}: the program ended first\n${this.tail()}`)
    return found
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  /** Ctrl-C, then the exit. */
  async stop(): Promise<Exit> {
    this.signal('SIGINT')
    return this.exited
  }

  /** What it said last, for a person who looks into a failure. */
  tail(): string {
    const state = this.exit ? `ended with ${this.exit.signal ?? this.exit.code}` : 'still running'
    return [
      `--- hydra_node ${this.args.join(' ')} (${state})`,
      ...this.stdout.slice(-15),
      ...this.stderr.slice(-30),
    ].join('\n')
  }

  #keep(stream: NodeJS.ReadableStream, lines: string[]): void {
    createInterface({ input: stream }).on('line', line => {
      lines.push(line)
      if (lines.length > MAX_KEPT_LINES) lines.shift()
    })
  }
}
