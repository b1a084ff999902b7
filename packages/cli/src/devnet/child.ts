import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Member } from './members.ts'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
const RESTART_DELAY_MS = 1_000
/** A node that ends by itself this often without ever having been ready cannot run: it is not started again. */
const MAX_FAILURES = 3
const MAX_REASON_CHARACTERS = 400
const STOP_TIMEOUT_MS = 15_000

/** What a node prints, one JSON object a line, with `--json`. */
export interface NodeEvent {
  readonly event: string
  readonly [field: string]: unknown
}

export interface ChildOptions {
  readonly member: Member
  readonly password: string
  readonly port: number
  readonly apiPort: number
  readonly peers: readonly string[]
  readonly threads: number
  readonly onEvent: (member: Member, event: NodeEvent) => void
  /** The process ended by itself; `restarting` says whether it is started again. */
  readonly onExit: (member: Member, exit: { reason: string; restarting: boolean }) => void
}

/** One node process, kept running: one that is killed comes back from its own folder. */
export class Child {
  readonly member: Member
  readonly #options: ChildOptions
  #process: ChildProcess | null = null
  #stopping = false
  /** Ends in a row that nobody asked for and that came before the node was ready. */
  #failures = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: ChildOptions) {
    this.#options = options
    this.member = options.member
  }

  get pid(): number | null {
    return this.#process?.pid ?? null
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${this.#options.apiPort}`
  }

  start(): void {
    const { member, password, port, apiPort, peers, threads, onEvent } = this.#options
    const log = createWriteStream(member.folder.logFile, { flags: 'a' })
    const child = spawn(
      process.execPath,
      [
        MAIN,
        ...['--user', member.name, '--data-dir', member.folder.path, '--host', '127.0.0.1', '--port', String(port)],
        ...['--api-port', String(apiPort), '--json', '--headless', '--log-level', 'info', '--threads', String(threads)],
        // A network of its own: a node that somebody else runs on this machine is none of its business.
        ...['--no-local-discovery', ...peers.flatMap(peer => ['--peer', peer])],
      ],
      // A process group of its own: Ctrl-C reaches the launcher alone, which then stops the nodes in order. The channel
      // breaks when the launcher dies, however it dies, and the node ends by itself.
      { env: { ...process.env, HYDRA_PASSWORD: password }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true },
    )
    this.#process = child
    child.stderr?.pipe(log)
    // Diagnostics are JSON; what is not, the node says to a person before it ends.
    let complaint = ''
    createInterface({ input: child.stderr! }).on('line', line => {
      if (!line.startsWith('{')) complaint = `${complaint} ${line.trim()}`.trim().slice(0, MAX_REASON_CHARACTERS)
    })
    createInterface({ input: child.stdout! }).on('line', line => {
      const event = parseEvent(line)
      if (event?.event === 'ready') this.#failures = 0
      if (event) onEvent(member, event)
    })
    // `close`, not `exit`: by then its last words are read.
    child.once('close', (code, signal) => {
      if (signal === null) this.#failures++
      this.#ended(signal ?? (complaint || `exit code ${code}`))
    })
  }

  /** Asks the node to end, and ends it when it does not. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    const child = this.#process
    if (!child) return
    const exited = new Promise<void>(resolve => child.once('close', () => resolve()))
    child.kill('SIGINT')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await exited
    clearTimeout(timer)
  }

  /** Ends the node at once, as a power cut would. */
  kill(): void {
    this.#stopping = true
    clearTimeout(this.#timer)
    this.#process?.kill('SIGKILL')
  }

  #ended(reason: string): void {
    this.#process = null
    if (this.#stopping) return
    const restarting = this.#failures < MAX_FAILURES
    this.#options.onExit(this.member, { reason, restarting })
    if (restarting) this.#timer = setTimeout(() => this.start(), RESTART_DELAY_MS)
  }
}

function parseEvent(line: string): NodeEvent | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && 'event' in value ? (value as NodeEvent) : undefined
  } catch {
    return undefined
  }
}
