import { concatBytes, encode, equalBytes, u32be, utf8 } from '@hydraai/core'
import { tokenizerToBytes, trainTokenizer } from '@hydraai/engine'
import {
  type AskRequest,
  answerHash,
  hasValidReceipt,
  type Receipt,
  receiptCodec,
  requestHash,
  signReceipt,
} from '@hydraai/ledger'
import { faultsOf, parseAnswerFile, seedOfText } from '@hydraai/node'
import { answerFileShape } from '../../../packages/node/src/asking/answerFile.ts'
import { AnswerReader } from '../../../packages/node/src/asking/answerReader.ts'
import {
  type AskFrame,
  askFrameCodec,
  hasValidRequest,
  MAX_ASK_BYTES,
  MAX_FRAME_BYTES,
  signedRequestCodec,
  signRequest,
} from '../../../packages/node/src/asking/protocol.ts'
import { promise, type Target, unlessRefused } from '../engine/target.ts'
import { codecTarget } from './codecTarget.ts'
import { digestOf, person } from './world.ts'

const asker = person('asker')
const server = person('server')
const request: AskRequest = {
  chainId: 'hydra-0badcafe',
  model: 'hydra-gpt',
  asker: asker.address,
  server: server.address,
  nonce: digestOf('nonce'),
  question: 'What is a network?',
  mode: 'answer',
  temperaturePpm: 0,
  topK: 0,
  topPPpm: 1_000_000,
  seed: digestOf('seed'),
  maxTokens: 16,
}
const answer = { tokens: [40, 41, 42], ended: 'end' as const }
const receipt: Receipt = {
  chainId: request.chainId,
  model: request.model,
  version: 3,
  parameters: digestOf('parameters'),
  asker: asker.address,
  server: server.address,
  request: requestHash(request),
  answer: answerHash(answer),
  tokens: answer.tokens.length,
}
const signature = signReceipt(server, receipt)

export function targets(): readonly Target[] {
  const signed = signRequest(asker, request, 7)
  const frames: AskFrame[] = [
    { type: 'start', version: 3, parameters: receipt.parameters },
    { type: 'tokens', tokens: answer.tokens },
    { type: 'end', ended: 'end', signature },
  ]
  const file = {
    format: 'hydra-answer/1',
    request,
    receipt,
    signature,
    serverKey: server.publicKey,
    ...answer,
    text: 'a net',
    document: digestOf('document'),
    tokenizer: digestOf('tokenizer'),
  }
  return [
    codecTarget('ask-request', signedRequestCodec, [signed], {
      maxBytes: MAX_ASK_BYTES,
      use(read) {
        const good = hasValidRequest(read, asker.publicKey)
        const same = equalBytes(encode(signedRequestCodec, read), encode(signedRequestCodec, signed))
        promise(!good || same, 'a request was forged')
        seedOfText(read.request.question)
      },
    }),
    codecTarget('ask-frame', askFrameCodec, frames, { maxBytes: MAX_FRAME_BYTES }),
    answerStream(frames),
    {
      name: 'answer-file',
      format: 'json',
      seeds: [utf8(JSON.stringify(file))],
      maxBytes: 262_144,
      run(input) {
        const value = unlessJson(input)
        const read = unlessRefused(() => parseAnswerFile(value))
        if (read === undefined) return false
        promise(
          answerFileShape.safeParse(JSON.parse(JSON.stringify(read))).success,
          'what was read is not a file again',
        )
        unlessRefused(() => faultsOf(read))
        return true
      },
    },
    codecTarget('receipt', receiptCodec, [receipt], {
      use(read) {
        const same = equalBytes(encode(receiptCodec, read), encode(receiptCodec, receipt))
        promise(!hasValidReceipt(read, signature, server.publicKey) || same, 'one signature is good for two receipts')
      },
    }),
  ]
}

/** A whole answer from a server: frames, each with its length before it. */
function answerStream(frames: readonly AskFrame[]): Target {
  const tokenizer = trainTokenizer(['a net is a net'], 262)
  const model = { document: digestOf('document'), tokenizer: digestOf('tokenizer') } as never
  const from = { peerId: 'peer', address: server.address, publicKey: server.publicKey, name: 'server' }
  const written = frames.map(frame => encode(askFrameCodec, frame))
  const stream = (parts: readonly Uint8Array[]) => concatBytes(...parts.flatMap(part => [u32be(part.length), part]))
  promise(tokenizerToBytes(tokenizer).length > 0, 'there is no tokenizer')
  return {
    name: 'answer-stream',
    format: 'bytes',
    seeds: [stream(written), stream([written[0]!, written[1]!, written[1]!]), stream(written.toReversed())],
    maxBytes: 16_384,
    run(input) {
      const reader = new AnswerReader({ request, server: from, model, tokenizer })
      const view = new DataView(input.buffer, input.byteOffset, input.length)
      for (let at = 0; at + 4 <= input.length; ) {
        const end = at + 4 + Math.min(view.getUint32(at), 2 * MAX_FRAME_BYTES)
        const parts = unlessRefused(() => reader.push(input.subarray(at + 4, end)))
        if (parts === undefined) return false
        for (const part of parts)
          if (part.type === 'end')
            promise(faultsOf(part.answer).length === 0, 'an answer with faults was taken for whole')
        at = end
      }
      return reader.isWhole
    },
  }
}

/** The value of JSON text; undefined, which is no answer file either, for other text. */
export function unlessJson(input: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(input))
  } catch {
    return undefined
  }
}
