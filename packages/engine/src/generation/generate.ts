import { HydraError } from '@hydraai/core'
import type { Tokenizer } from '../text/tokenizer.ts'
import { TokenStream } from '../text/tokenStream.ts'
import { ANSWER_TOKEN, END_TOKEN } from '../text/tokens.ts'
import type { Generator as TextGenerator } from './generator.ts'
import { checkSampling, type Sampling } from './sampling.ts'

/** Most tokens that may be asked for at once. */
const MAX_TOKENS = 65_536

/** What is asked of a language model. */
export interface GenerationJob {
  readonly generator: TextGenerator
  readonly tokenizer: Tokenizer
  readonly question: string
  readonly sampling: Sampling
  /** 1 to 65,536. */
  readonly maxTokens: number
  /**
   * `answer` (usual): the model was trained on questions and answers; question and answer have to fit into its context.
   * `continue`: it was trained on plain text and goes on where the question ends. When its context is full it reads the
   * last half of it again and goes on; so it does with a question that is too long.
   */
  readonly mode?: 'answer' | 'continue'
}

/** A token of an answer, and the text that is whole with it; may be empty. */
export interface GeneratedToken {
  readonly token: number
  readonly text: string
}

export interface Generated {
  readonly tokens: Int32Array
  readonly text: string
  /** The model ended it; its length did (`maxTokens`, or a full context); or whoever listened. */
  readonly ended: 'end' | 'length' | 'stopped'
}

/**
 * The whole answer. `onToken` hears of each token as it comes and stops by returning false. The same job gives the same
 * tokens everywhere.
 * @throws HydraError RANGE_INVALID, SAMPLING_INVALID, TOKENIZER_MISMATCH, CONTEXT_FULL, NON_FINITE
 */
export function generate(
  job: GenerationJob & { readonly onToken?: (token: number, text: string) => unknown },
): Generated {
  const steps = generateTokens(job)
  let stopped = false
  for (;;) {
    const step = steps.next(stopped)
    if (step.done === true) return step.value
    stopped = job.onToken?.(step.value.token, step.value.text) === false
  }
}

/**
 * The answer token by token, so that a caller can do something else in between: `next(true)` stops it. The generator belongs to
 * this answer until it is done. @throws as {@link generate}
 */
export function* generateTokens(job: GenerationJob): Generator<GeneratedToken, Generated, boolean> {
  const { generator, tokenizer, sampling, maxTokens } = job
  checkJob(job)
  const mode = job.mode ?? 'answer'
  const prompt = promptOf(job, mode)
  const stream = new TokenStream(tokenizer)
  const tokens: number[] = []
  let text = ''
  generator.reset()
  let logits = feedAll(generator, prompt)
  for (;;) {
    const token = generator.sample(logits.subarray(0, tokenizer.vocabulary), sampling, tokens.length)
    if (token === END_TOKEN) return finished('end')
    const part = stream.push(token)
    tokens.push(token)
    text += part
    if (yield { token, text: part }) return finished('stopped')
    if (tokens.length === maxTokens) return finished('length')
    if (generator.length < generator.context) {
      logits = generator.feed(token)
    } else if (mode === 'answer') {
      return finished('length')
    } else {
      generator.reset()
      logits = feedAll(generator, tailOf(prompt, tokens, generator.context))
    }
  }

  function finished(ended: Generated['ended']): Generated {
    return { tokens: Int32Array.from(tokens), text: text + stream.end(), ended }
  }
}

function checkJob({ generator, tokenizer, sampling, maxTokens }: GenerationJob): void {
  checkSampling(sampling)
  if (!Number.isInteger(maxTokens) || maxTokens < 1 || maxTokens > MAX_TOKENS) {
    throw new HydraError('RANGE_INVALID', `${maxTokens} tokens at most`, { advice: `Use 1 to ${MAX_TOKENS}.` })
  }
  if (tokenizer.vocabulary > generator.vocabulary) {
    throw new HydraError(
      'TOKENIZER_MISMATCH',
      `the tokenizer has ${tokenizer.vocabulary} tokens, but the model knows ${generator.vocabulary}`,
      { advice: 'Use the tokenizer that the model was trained with.' },
    )
  }
}

function promptOf({ generator, tokenizer, question }: GenerationJob, mode: 'answer' | 'continue'): Int32Array {
  const { context } = generator
  const tokens = tokenizer.encode(question)
  if (mode === 'answer') {
    if (tokens.length < context) return joined(tokens, [ANSWER_TOKEN])
    throw new HydraError(
      'CONTEXT_FULL',
      `the question is ${tokens.length} tokens long, but the model reads ${context - 1}`,
      { advice: 'Ask a shorter question.' },
    )
  }
  if (tokens.length === 0) return Int32Array.of(END_TOKEN)
  return tokens.length <= context ? tokens : tailOf(tokens, [], context)
}

/** The last tokens of prompt and answer, half a context of them. */
function tailOf(prompt: Int32Array, answer: readonly number[], context: number): Int32Array {
  const kept = Math.max(1, Math.floor(context / 2))
  return joined(prompt, answer).slice(-kept)
}

function joined(first: Int32Array, second: readonly number[]): Int32Array {
  const whole = new Int32Array(first.length + second.length)
  whole.set(first)
  whole.set(second, first.length)
  return whole
}

function feedAll(generator: TextGenerator, tokens: Int32Array): Float32Array {
  let logits: Float32Array = new Float32Array(0)
  for (const token of tokens) logits = generator.feed(token)
  return logits
}
