import {
  type Address,
  addressOf,
  type Hash,
  HydraError,
  isHash,
  type PublicKey,
  parseAddress,
  type Signature,
} from '@hydraai/core'
import {
  type AskRequest,
  answerHash,
  hasValidReceipt,
  MAX_ANSWER_TOKENS,
  MAX_QUESTION_BYTES,
  type Receipt,
  requestHash,
} from '@hydraai/ledger'
import { z } from 'zod'

export const ANSWER_FORMAT = 'hydra-answer/1'
/** A file that is larger is none. */
export const MAX_ANSWER_FILE_BYTES = 256 * 1_024

/** An answer with all that is needed to run it again and to hold its server to it. */
export interface AnswerFile {
  readonly format: typeof ANSWER_FORMAT
  readonly request: AskRequest
  readonly receipt: Receipt
  /** The server's, over receiptBytes of the receipt. */
  readonly signature: Signature
  readonly serverKey: PublicKey
  readonly tokens: readonly number[]
  readonly ended: 'end' | 'length' | 'stopped'
  /** What the tokens say. */
  readonly text: string
  /** Content ids; the parameters are named by the receipt. */
  readonly document: Hash
  readonly tokenizer: Hash
}

const hash = z.string().refine(isHash, 'not a hash of 64 hex digits') as unknown as z.ZodType<Hash>
const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`), `not ${digits} hex digits`)
const address = z
  .string()
  .max(64)
  .transform((text, context) => {
    try {
      return parseAddress(text)
    } catch {
      context.addIssue({ code: 'custom', message: 'not an address' })
      return z.NEVER
    }
  }) as unknown as z.ZodType<Address>
const count = (max: number) => z.int().min(0).max(max)
const chainId = z.string().max(14)
const modelId = z.string().regex(/^[a-z0-9-]{1,32}$/)

export const answerFileShape = z.strictObject({
  format: z.literal(ANSWER_FORMAT),
  request: z.strictObject({
    chainId,
    model: modelId,
    asker: address,
    server: address,
    nonce: hash,
    question: z.string().max(MAX_QUESTION_BYTES),
    mode: z.enum(['answer', 'continue']),
    temperaturePpm: count(10_000_000),
    topK: count(65_536),
    topPPpm: count(1_000_000),
    seed: hash,
    maxTokens: count(MAX_ANSWER_TOKENS).min(1),
  }),
  receipt: z.strictObject({
    chainId,
    model: modelId,
    version: count(Number.MAX_SAFE_INTEGER),
    parameters: hash,
    asker: address,
    server: address,
    request: hash,
    answer: hash,
    tokens: count(MAX_ANSWER_TOKENS),
  }),
  signature: hex(128) as unknown as z.ZodType<Signature>,
  serverKey: hex(64) as unknown as z.ZodType<PublicKey>,
  tokens: z.array(count(65_535)).max(MAX_ANSWER_TOKENS),
  ended: z.enum(['end', 'length', 'stopped']),
  text: z.string().max(1_000_000),
  document: hash,
  tokenizer: hash,
})

/** @throws HydraError ANSWER_FILE_INVALID */
export function parseAnswerFile(value: unknown): AnswerFile {
  const result = answerFileShape.safeParse(value)
  if (result.success) return result.data as AnswerFile
  const [issue] = result.error.issues
  const where = issue?.path.map(String).join('.') || 'the file'
  throw new HydraError('ANSWER_FILE_INVALID', `This is no answer of a HydraAI node: ${where}: ${issue?.message}.`, {
    advice: 'Give the file that --save or the page wrote, unchanged.',
  })
}

/** What of a file does not hold by itself, before anything is run again; empty if all of it does. */
export function faultsOf(file: AnswerFile): string[] {
  const { request, receipt } = file
  const faults: string[] = []
  const say = (holds: boolean, fault: string) => void (holds || faults.push(fault))
  say(receipt.request === requestHash(request), 'the receipt is for another question than the one in the file')
  const answer = answerHash({ tokens: file.tokens, ended: file.ended })
  say(receipt.answer === answer, 'the receipt is for another answer than the tokens in the file')
  say(receipt.tokens === file.tokens.length, 'the receipt counts other tokens than there are')
  for (const field of ['chainId', 'model', 'asker', 'server'] as const)
    say(receipt[field] === request[field], `question and receipt name different values for ${field}`)
  say(addressOf(file.serverKey) === receipt.server, 'the public key in the file is not that of the server')
  say(hasValidReceipt(receipt, file.signature, file.serverKey), 'the receipt is not signed by the server')
  return faults
}
