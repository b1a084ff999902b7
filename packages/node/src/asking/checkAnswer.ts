import type { Hash } from '@hydraai/core'
import { type AnswerFile, faultsOf } from './answerFile.ts'

/** What running a question again gave. */
export interface Rerun {
  readonly tokens: ArrayLike<number>
  readonly text: string
  readonly ended: string
}

/**
 * - `true`: the file holds, and the model says exactly this.
 * - `altered`: the file does not hold by itself, so it proves nothing about anybody.
 * - `lie`: the server signed an answer that the model does not give. The file is the proof.
 * - `misquoted`: the signed tokens are true, but the text beside them is not what they say.
 */
export interface AnswerVerdict {
  readonly result: 'true' | 'altered' | 'lie' | 'misquoted'
  readonly reasons: readonly string[]
}

/** What is known of the model from elsewhere than the file, which its server did not sign in every part. */
export interface KnownModel {
  readonly document: Hash
  readonly tokenizer: Hash
  /** A version of the model, by the chain. */
  readonly version: number
  readonly parameters: Hash
}

/** Judges an answer by running it again, unless the file already speaks against itself. Throws what `rerun` throws. */
export async function judgeAnswer(
  file: AnswerFile,
  known: KnownModel | null,
  rerun: () => Promise<Rerun>,
): Promise<AnswerVerdict> {
  const faults = faultsOf(file)
  // Otherwise anybody could name another document and make a liar of an honest server.
  if (known !== null && known.document !== file.document)
    faults.push('the file names another model document than the model has')
  if (known !== null && known.tokenizer !== file.tokenizer)
    faults.push('the file names another tokenizer than the model has')
  if (faults.length > 0) return { result: 'altered', reasons: faults }
  const { version, parameters } = file.receipt
  if (known !== null && known.version === version && known.parameters !== parameters)
    return { result: 'lie', reasons: [`the server signed for parameters that version ${version} does not have`] }
  const again = await rerun()
  const reasons = differences(file, again)
  if (reasons.length > 0) return { result: 'lie', reasons }
  if (again.text !== file.text)
    return { result: 'misquoted', reasons: ['the text in the file is not what the signed tokens say'] }
  return { result: 'true', reasons: [] }
}

function differences(file: AnswerFile, again: Rerun): string[] {
  const reasons: string[] = []
  const length = Math.max(file.tokens.length, again.tokens.length)
  for (let i = 0; i < length; i++) {
    if (file.tokens[i] === again.tokens[i]) continue
    const said = file.tokens[i] ?? 'nothing'
    reasons.push(`token ${i + 1} is ${said}, and the model gives ${again.tokens[i] ?? 'nothing'}`)
    break
  }
  if (file.tokens.length !== again.tokens.length)
    reasons.push(`it has ${file.tokens.length} tokens, and the model gives ${again.tokens.length}`)
  // An answer that was stopped is a beginning of the whole one.
  if (file.ended !== again.ended) reasons.push(`it ended by "${file.ended}", and the model ends by "${again.ended}"`)
  return reasons
}
