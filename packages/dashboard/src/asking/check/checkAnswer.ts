import { contentIdOf, HydraError } from '@hydraai/core'
import {
  createEngine,
  type Generated,
  generate,
  modelDocumentOfBytes,
  parametersOfBytes,
  tokenizerOfBytes,
} from '@hydraai/engine'
import { type AnswerFile, answerFileOf, faultsOf } from './answerFile.ts'
import type { Known, Progress, Verdict } from './messages.ts'

export interface CheckParts {
  /** The bytes of the engine's module. */
  readonly wasm: () => Promise<Uint8Array>
  /** Bytes that claim to have this content id; whether they do is checked here. */
  readonly content: (id: string, onBytes: (bytes: number) => void) => Promise<Uint8Array>
  readonly onProgress: (progress: Progress) => void
}

/**
 * Judges an answer without trusting anybody: signature and hashes first, then the same question is put to the same
 * parameters again, and every token must come out the same. Nothing of it is asked of the server, and of the own node
 * only bytes whose hashes are checked.
 * @throws HydraError, AnswerError, and what fetching throws: then nothing is known of the answer
 */
export async function checkAnswer(value: unknown, known: Known, parts: CheckParts): Promise<Verdict> {
  const file = answerFileOf(value)
  const faults = faultsOf(file)
  if (faults.length > 0) return { result: 'altered', reasons: faults }
  const others = againstChain(file, known)
  if (others.length > 0) return { result: 'lie', reasons: others }
  const again = await runAgain(file, parts)
  const reasons = differences(file, again)
  if (reasons.length > 0) return { result: 'lie', reasons }
  if (again.text !== file.text) return { result: 'misquoted', reasons: ['the text is not what the signed tokens say'] }
  return { result: 'same', reasons: [], tokens: file.tokens.length, onChain: known.parameters !== null }
}

/** What the server signed must be what the chain names, as far as the page knows that. */
function againstChain({ document, tokenizer, receipt }: AnswerFile, known: Known): string[] {
  const reasons: string[] = []
  const same = (given: string, chain: string | null, what: string) => {
    if (chain !== null && given !== chain) reasons.push(`the chain names ${what} for version ${receipt.version}`)
  }
  same(receipt.parameters, known.parameters, 'other parameters')
  same(document, known.document, 'another document')
  same(tokenizer, known.tokenizer, 'another tokenizer')
  return reasons
}

async function runAgain(file: AnswerFile, parts: CheckParts): Promise<Generated> {
  const { request, receipt } = file
  let bytes = 0
  const fetched = async (id: string) => {
    const blob = await parts.content(id, more => {
      bytes += more
      parts.onProgress({ stage: 'loading', done: bytes, total: null })
    })
    if (contentIdOf(blob) !== id) {
      throw new HydraError('CONTENT_DAMAGED', `what the node gave for ${id.slice(0, 8)}… is something else`, {
        advice: 'The node repairs damaged content by itself; check again in a minute.',
      })
    }
    return blob
  }
  const document = modelDocumentOfBytes(await fetched(file.document))
  const tokenizer = tokenizerOfBytes(await fetched(file.tokenizer))
  const parameters = await fetched(receipt.parameters)
  const engine = createEngine(await parts.wasm())
  const generator = engine.generator(document)
  generator.setParameters(parametersOfBytes(parameters))
  const { question, mode, maxTokens, temperaturePpm, topK, topPPpm, seed } = request
  const sampling = { temperaturePpm, topK, topPPpm, seed }
  let count = 0
  return generate({
    generator,
    tokenizer,
    question,
    mode,
    maxTokens,
    sampling,
    onToken() {
      count += 1
      parts.onProgress({ stage: 'running', done: count, total: file.tokens.length })
      // An answer that somebody stopped is true as far as it goes; one that is too long is already found out.
      return count < file.tokens.length || file.ended !== 'stopped'
    },
  })
}

function differences(file: AnswerFile, again: Generated): string[] {
  const length = Math.max(file.tokens.length, again.tokens.length)
  for (let i = 0; i < length; i++) {
    if (file.tokens[i] === again.tokens[i]) continue
    if (i >= again.tokens.length) return [`the model ends after ${i} tokens, and the answer goes on`]
    if (i >= file.tokens.length) return [`the answer ends after ${i} tokens, and the model goes on`]
    return [`from token ${i + 1} of ${file.tokens.length} on, the model says something else`]
  }
  return file.ended === again.ended ? [] : ['the answer did not end as it says']
}
