import { encode, hashOf, keyPairFromSeed, utf8, ZERO_HASH } from '@hydraai/core'
import { ANSWER_TOKEN, END_TOKEN } from '@hydraai/engine'
import { type AskRequest, answerHash, requestHash, signReceipt } from '@hydraai/ledger'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultsOf } from './answerFile.ts'
import { AnswerReader } from './answerReader.ts'
import { type AskFrame, askFrameCodec } from './protocol.ts'
import type { TextModel } from './readyModels.ts'
import { MODEL, tinyGpt } from './testing/world.ts'

const { tokenizer, ids, genesisModel } = tinyGpt()
const keys = keyPairFromSeed(new Uint8Array(32).fill(1))
const asker = keyPairFromSeed(new Uint8Array(32).fill(2)).address
const model = { ...genesisModel, owner: null, registeredAt: 0 } as TextModel
const server = { peerId: 'peer', address: keys.address, publicKey: keys.publicKey, name: 'server' }
const request: AskRequest = {
  chainId: 'hydra-0000abcd',
  model: MODEL,
  asker,
  server: server.address,
  nonce: hashOf(utf8('nonce')),
  question: 'What is a key?',
  mode: 'answer',
  temperaturePpm: 0,
  topK: 0,
  topPPpm: 1_000_000,
  seed: ZERO_HASH,
  maxTokens: 8,
}
const words = [...tokenizer.encode('A lock')]
const start: AskFrame = { type: 'start', version: 3, parameters: ids.parameters }
const tokens = (all: readonly number[]): AskFrame => ({ type: 'tokens', tokens: all })

function end(
  said: readonly number[],
  change: { by?: typeof keys; version?: number; ended?: 'end' | 'length' } = {},
): AskFrame {
  const { by = keys, version = 3, ended = 'end' } = change
  const receipt = {
    ...{ chainId: request.chainId, model: MODEL, version, parameters: ids.parameters, asker, server: server.address },
    ...{ request: requestHash(request), answer: answerHash({ tokens: said, ended }), tokens: said.length },
  }
  return { type: 'end', ended: 'end', signature: signReceipt(by, receipt) }
}

const reader = () => new AnswerReader({ request, server, model, tokenizer })

/** The parts of these frames, or the code of what is wrong with them. */
function read(frames: readonly AskFrame[]) {
  const one = reader()
  try {
    return frames.flatMap(frame => one.push(encode(askFrameCodec, frame)))
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('the frames of an answer', () => {
  it('become its text, and at the end a file that holds', () => {
    const parts = read([start, tokens(words.slice(0, 2)), tokens(words.slice(2)), end(words)])
    if (typeof parts === 'string') throw new Error(parts)
    expect(parts.map(part => (part.type === 'text' ? part.text : '')).join('')).toBe('A lock')
    const last = parts.at(-1)
    if (last?.type !== 'end') throw new Error('no end')
    expect(last.answer).toMatchObject({ text: 'A lock', tokens: words, receipt: { version: 3, tokens: words.length } })
    expect(faultsOf(last.answer)).toEqual([])
  })

  it('are refused when what was signed is not what was said', () => {
    const shown = [start, tokens(words)]
    expect(read([...shown, end(words.slice(1))])).toBe('RECEIPT_INVALID')
    expect(read([...shown, end([...words, words[0]!])])).toBe('RECEIPT_INVALID')
    expect(read([...shown, end(words, { version: 4 })])).toBe('RECEIPT_INVALID')
    expect(read([...shown, end(words, { ended: 'length' })])).toBe('RECEIPT_INVALID')
    const other = keyPairFromSeed(new Uint8Array(32).fill(3))
    expect(read([...shown, end(words, { by: other })])).toBe('RECEIPT_INVALID')
  })

  it('are refused out of order, beyond what was asked for, and with tokens that are no text', () => {
    expect(read([tokens(words)])).toBe('ANSWER_INVALID')
    expect(read([end([])])).toBe('ANSWER_INVALID')
    expect(read([start, start])).toBe('ANSWER_INVALID')
    expect(read([start, tokens([])])).toBe('ANSWER_INVALID')
    expect(read([start, tokens(Array(9).fill(words[0]))])).toBe('ANSWER_INVALID')
    for (const token of [END_TOKEN, ANSWER_TOKEN, tokenizer.vocabulary, 65_535])
      expect(read([start, tokens([token])])).toBe('ANSWER_INVALID')
    expect(read([start, tokens(words), end(words), tokens(words)])).toBe('ANSWER_INVALID')
  })

  it('are refused whatever else their bytes are', () => {
    const good = encode(askFrameCodec, tokens(words))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(good.length - 1), fc.nat(255), (noise, at, byte) => {
        for (const bytes of [noise, good.with(at, byte)]) {
          const one = reader()
          one.push(encode(askFrameCodec, start))
          try {
            for (const part of one.push(bytes)) if (part.type === 'text') expect(part.tokens).toBeLessThanOrEqual(8)
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^(ANSWER|RECEIPT)_INVALID$/) })
          }
        }
      }),
    )
  })
})
