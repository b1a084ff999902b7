import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach } from 'vitest'
import { processesNaming } from './processes.ts'
import { Program } from './program.ts'

const LOG_LINES = 25

/**
 * A temporary folder and the programs that work in it. After a failed test what they said last is printed; after the
 * last test of the file every process is ended and the folder removed.
 */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'hydra-e2e-'))
  readonly #programs: Program[] = []

  /** `endAfterFailure`: what a failed test left running would only disturb the next. */
  constructor({ endAfterFailure = false } = {}) {
    afterEach(async ({ task }) => {
      if (task.result?.state !== 'fail') return
      console.log(this.#tails())
      if (endAfterFailure) await this.#end()
    })
    afterAll(() => this.#clear())
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts)
  }

  start(args: readonly string[], options?: ConstructorParameters<typeof Program>[1]): Program {
    const program = new Program(args, options)
    this.#programs.push(program)
    return program
  }

  /** Starts a program that ends by itself, and waits for that. */
  async run(args: readonly string[], options?: ConstructorParameters<typeof Program>[1]): Promise<Program> {
    const program = this.start(args, options)
    await program.exited
    return program
  }

  async #clear(): Promise<void> {
    await this.#end()
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  async #end(): Promise<void> {
    const running = this.#programs.filter(program => program.exit === null)
    for (const program of running) program.signal('SIGKILL')
    // The nodes of a local network that was ended this way go on; they all name the folder.
    for (const { pid } of processesNaming(this.folder)) kill(pid)
    await Promise.all(running.map(program => program.exited))
  }

  #tails(): string {
    const logs = nodeLogsIn(this.folder).map(path => {
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
      return [`--- ${path}`, ...lines.slice(-LOG_LINES)].join('\n')
    })
    return [...this.#programs.slice(-4).map(program => program.tail()), ...logs].join('\n')
  }
}

/** The logs of a local network's nodes, which print nothing themselves. */
export function nodeLogsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('node.log'))
    .map(name => join(folder, name))
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Ended in the meantime.
  }
}
