import { expect, test } from 'vitest'
import { publishedHash, trainDigits } from './mnist.ts'

test('the trained digit model has the hash that docs/published-hash.md promises to everybody', async () => {
  const { hash, correct } = await trainDigits()
  expect(hash).toBe(await publishedHash())
  expect(correct).toBeGreaterThan(960)
}, 120_000)
