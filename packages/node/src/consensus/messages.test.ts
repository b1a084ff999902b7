import { decode, encode } from '@hydraai/core'
import { expect, test } from 'vitest'
import { catchUpResponseCodec, chooseMessages } from './messages.ts'

test('an answer about a long height can be sent: it is bounded in bytes and in number, newest first', () => {
  const votes = Array.from({ length: 5_000 }, (_, i) => new Uint8Array(200).fill(i % 256))
  const chosen = chooseMessages(votes, 2_000_000)
  expect(chosen).toHaveLength(2_000)
  expect(chosen[0]).toBe(votes.at(-1))
  expect(decode(catchUpResponseCodec, encode(catchUpResponseCodec, chosen))).toEqual(chosen)
})

test('votes go before blocks, which are many times as large', () => {
  const [oldVote, block, newBlock] = [new Uint8Array(200), new Uint8Array(900_000), new Uint8Array(900_000)]
  expect(chooseMessages([oldVote, block, newBlock], 1_000_000)).toEqual([oldVote, newBlock])
})
