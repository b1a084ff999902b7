import { ANSWER_TOKEN, END_TOKEN, type Tokenizer } from '@hydraai/engine'
import type { TextSample } from '@hydraai/training'

/** question, ANSWER_TOKEN, answer, END_TOKEN; what is learnt begins with the answer. */
export function answerSample(
  tokenizer: Tokenizer,
  { question, answer }: { question: string; answer: string },
): TextSample {
  const asked = tokenizer.encode(question)
  const said = tokenizer.encode(answer)
  const from = asked.length + 1
  const tokens = new Int32Array(from + said.length + 1)
  tokens.set(asked)
  tokens[asked.length] = ANSWER_TOKEN
  tokens.set(said, from)
  tokens[tokens.length - 1] = END_TOKEN
  return { tokens, from }
}
