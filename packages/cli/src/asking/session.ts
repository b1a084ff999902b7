import { createInterface, type Interface } from 'node:readline'
import { HydraError } from '@hydraai/core'
import type { Question } from '@hydraai/node'
import pc from 'picocolors'
import { describeError, ExitCode } from '../exit.ts'
import type { Answers } from './answers.ts'
import { readHistory, writeHistory } from './history.ts'
import { showError } from './oneAnswer.ts'
import { type AnswerOutcome, factsOf, followAnswer } from './outcome.ts'
import { printable } from './printable.ts'
import { saveAnswer } from './saveAnswer.ts'

/** Lines that wait while an answer comes; what is pasted beyond is not read. */
const MAX_WAITING = 1_000

const HELP = `  /model NAME   ask this model; without a name: which there are
  /local        switch between the network and this machine, which is free
  /seed TEXT    draw by this seed; without a text: a new one each time
  /save FILE    keep the last answer for verify-answer
  /help         this
  /quit         end; Ctrl-D and Ctrl-C twice do too`

export interface SessionOptions {
  /** The network's answers, or this machine's. @throws HydraError when they are not to be had */
  readonly open: (local: boolean) => Promise<Answers>
  readonly local: boolean
  readonly sampling: Omit<Question, 'question'>
  /** Where the questions of earlier sessions are kept. */
  readonly historyFolder: string
}

/** Questions and answers until the person ends it. Answers the exit code. */
export async function session(options: SessionOptions): Promise<number> {
  // Before anything is typed: without a node there is nobody to ask.
  const first = await options.open(options.local)
  const isTerminal = process.stdin.isTTY === true
  const history = isTerminal ? await readHistory(options.historyFolder) : []
  const lines = createInterface({
    input: process.stdin,
    output: isTerminal ? process.stdout : undefined,
    terminal: isTerminal,
    history,
    historySize: 500,
    removeHistoryDuplicates: true,
    prompt: '› ',
  })
  let kept: readonly string[] = history
  lines.on('history', now => {
    kept = [...now]
  })
  try {
    return await new Session(options, first, lines, isTerminal).run()
  } finally {
    lines.close()
    if (isTerminal) await writeHistory(options.historyFolder, kept)
  }
}

class Session {
  readonly #options: SessionOptions
  readonly #lines: Interface
  readonly #isTerminal: boolean
  readonly #colors = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported)
  readonly #waiting: string[] = []
  #answers: Answers
  #local: boolean
  #sampling: Omit<Question, 'question'>
  #last: AnswerOutcome | null = null
  #answering: AbortController | null = null
  #interrupted = false
  #ended = false
  #wake: () => void = () => {}

  constructor(options: SessionOptions, answers: Answers, lines: Interface, isTerminal: boolean) {
    this.#options = options
    this.#answers = answers
    this.#lines = lines
    this.#isTerminal = isTerminal
    this.#local = options.local
    this.#sampling = options.sampling
  }

  async run(): Promise<number> {
    const onInterrupt = () => this.#interrupt()
    this.#lines.on('line', line => this.#take(line))
    this.#lines.on('close', () => this.#end())
    this.#lines.on('SIGINT', onInterrupt)
    process.on('SIGINT', onInterrupt)
    try {
      if (this.#isTerminal)
        this.#say(`Ask away${this.#local ? ', free and without a network' : ''}. /help shows what else there is.`)
      for (;;) {
        if (this.#waiting.length === 0 && this.#ended) return ExitCode.ok
        if (this.#waiting.length === 0) await this.#nextLine()
        const line = this.#waiting.shift()?.trim()
        if (!line) continue
        this.#interrupted = false
        if (line === '/quit') return ExitCode.ok
        await this.#carryOut(line).catch(error => this.#fail(error))
      }
    } finally {
      process.off('SIGINT', onInterrupt)
    }
  }

  #nextLine(): Promise<void> {
    if (this.#isTerminal) this.#lines.prompt()
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }

  #take(line: string): void {
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push(line)
    this.#wake()
  }

  #end(): void {
    this.#ended = true
    this.#wake()
  }

  /** Once stops the answer, or asks whether to end; twice ends. */
  #interrupt(): void {
    if (this.#interrupted) {
      this.#answering?.abort()
      this.#waiting.length = 0
      this.#end()
      return
    }
    this.#interrupted = true
    if (this.#answering) this.#answering.abort()
    else {
      this.#say('\nCtrl-C again ends.')
      this.#lines.prompt()
    }
  }

  #carryOut(line: string): Promise<void> {
    const [, command, rest = ''] = /^\/(\w+)\s*(.*)$/.exec(line) ?? []
    switch (command) {
      case undefined:
        return this.#ask(line)
      case 'model':
        return this.#model(rest)
      case 'local':
        return this.#switch()
      case 'seed':
        return this.#seed(rest)
      case 'save':
        return this.#save(rest)
      default:
        this.#say(command === 'help' ? HELP : `There is no /${command}.\n${HELP}`)
        return Promise.resolve()
    }
  }

  async #ask(question: string): Promise<void> {
    const answering = new AbortController()
    this.#answering = answering
    try {
      const events = this.#answers.ask({ ...this.#sampling, question }, answering.signal)
      const outcome = await followAnswer(events, text => void process.stdout.write(printable(text)))
      if (outcome.text !== '') process.stdout.write('\n')
      if (outcome.end) this.#last = outcome
      if (outcome.error) showError(outcome.error)
      else if (answering.signal.aborted) this.#say(this.#colors.dim('stopped; nothing was paid'))
      const shown = factsOf(outcome).filter(([name]) => name === 'model' || name === 'cost')
      if (outcome.end) this.#aside(printable(shown.map(([, value]) => value).join('; ')))
    } finally {
      this.#answering = null
    }
  }

  async #model(name: string): Promise<void> {
    if (name === '') this.#say(`  ${(await this.#answers.models()).join('\n  ')}`)
    else {
      this.#sampling = { ...this.#sampling, model: name }
      this.#say(`Asking ${name} from now on.`)
    }
  }

  async #switch(): Promise<void> {
    this.#answers = await this.#options.open(!this.#local)
    this.#local = !this.#local
    this.#say(this.#local ? 'Answering here from now on, for free.' : 'Asking the network from now on.')
  }

  async #seed(seed: string): Promise<void> {
    this.#sampling = { ...this.#sampling, seed: seed === '' ? undefined : seed }
    const { temperature } = this.#sampling
    const hint = temperature === undefined || temperature === 0 ? ' It matters with a --temperature above 0.' : ''
    this.#say((seed === '' ? 'A new seed for each answer.' : `Seed: ${seed}.`) + hint)
  }

  async #save(file: string): Promise<void> {
    if (file === '') throw new HydraError('FILE_MISSING', 'Name the file: /save FILE.')
    if (this.#last === null) throw new HydraError('ANSWER_MISSING', 'There is no answer yet to be saved.')
    this.#say(`Saved to ${await saveAnswer(file, this.#last)}.`)
  }

  #fail(error: unknown): void {
    process.stderr.write(describeError(error, { stack: false }))
  }

  #say(text: string): void {
    process.stdout.write(`${text}\n`)
  }

  /** Not among the answers when they are read by a program. */
  #aside(text: string): void {
    process.stderr.write(`${this.#colors.dim(text)}\n`)
  }
}
