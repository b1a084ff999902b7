import { randomBytes } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { type Hash, HydraError, toHex } from '@hydraai/core'
import { TokenStream, tokenizerOfBytes } from '@hydraai/engine'
import { AnswerBench, type DataFolder, optionsOf, type Question } from '@hydraai/node'
import { readEngine } from '../engineFile.ts'
import type { AnswerEvent, Answers } from './answers.ts'
import { localModel } from './localModel.ts'
import type { HeldModel } from './textModel.ts'

/** Answers in this process: free, from the newest version that is here. */
export class LocalAnswers implements Answers {
  readonly #folder: DataFolder
  #bench: AnswerBench | null = null
  #held: HeldModel | null = null

  constructor(folder: DataFolder) {
    this.#folder = folder
  }

  async models(): Promise<string[]> {
    return [(await this.#model(undefined)).model]
  }

  async *ask(question: Question, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
    try {
      yield* this.#answer(question, signal)
    } catch (error) {
      if (!(error instanceof HydraError)) throw error
      const { code, message, advice } = error
      yield { type: 'error', code, message, ...(advice !== undefined && { advice }) }
    }
  }

  async *#answer(question: Question, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
    const held = await this.#model(question.model)
    const randomSeed = () => toHex(randomBytes(32)) as Hash
    const options = optionsOf(question, { mode: held.mode, randomSeed })
    const { model, version, from } = held
    yield { type: 'local-start', model, version, from, seed: options.seed }
    this.#bench ??= new AnswerBench(await readEngine())
    this.#bench.load(held)
    const text = new TokenStream(tokenizerOfBytes(held.tokenizer))
    const steps = this.#bench.answer({ ...held.ids, ...options })
    const began = performance.now()
    let tokens = 0
    for (;;) {
      const step = steps.next(signal.aborted)
      if (step.done) {
        yield { type: 'text', text: text.end(), tokens }
        const tokensPerSecond = Math.round((1000 * tokens) / Math.max(1, performance.now() - began))
        if (!signal.aborted) yield { type: 'local-end', tokens, ended: step.value.ended, tokensPerSecond }
        return
      }
      tokens++
      yield { type: 'text', text: text.push(step.value.token), tokens }
      // Lets a Ctrl-C through.
      await turn()
    }
  }

  async #model(name: string | undefined): Promise<HeldModel> {
    if (this.#held === null || (name !== undefined && this.#held.model !== name))
      this.#held = await localModel(this.#folder, name)
    return this.#held
  }
}
