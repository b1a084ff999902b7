import { keyPairFromSeed, sha256, utf8 } from '@hydraai/core'
import { afterEach, expect, test } from 'vitest'
import type { SignatureClaim } from './checker.ts'
import { SignatureWorkers } from './workers.ts'

const keys = keyPairFromSeed(sha256(utf8('signer of worker tests')))
const claims: SignatureClaim[] = Array.from({ length: 600 }, (_, i) => {
  const message = utf8(`message ${i}`.repeat(1 + (i % 9)))
  const signature = keys.sign(i % 7 === 3 ? utf8('another message') : message)
  return { publicKey: keys.publicKey, message, signature }
})
const truth = claims.map((_, i) => i % 7 !== 3)

let workers: SignatureWorkers
afterEach(() => workers.close())

test('threads answer as the ledger would, in order, whoever asks at once', async () => {
  workers = new SignatureWorkers({ threads: 2 })
  const answers = await Promise.all([workers.check(claims), workers.check(claims.slice(0, 10)), workers.check([])])
  expect(answers).toEqual([truth, truth.slice(0, 10), []])
})

test('when it closes, who waits is told that nothing is known', async () => {
  workers = new SignatureWorkers({ threads: 1 })
  const waiting = workers.check(claims)
  await workers.close()
  for (const [i, answer] of (await waiting).entries()) expect([null, truth[i]]).toContain(answer)
  expect(await workers.check(claims.slice(0, 2))).toEqual([null, null])
})
