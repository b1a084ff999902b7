import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader } from './byteReader.ts'

test('however a stream is cut into chunks, the same bytes come in the lengths asked for', async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(chunks, fc.array(fc.nat(14), { maxLength: 12 }), async (parts, lengths) => {
      const whole = Buffer.concat(parts)
      const reader = new ByteReader(
        (async function* () {
          yield* parts
        })(),
      )
      let from = 0
      for (const length of lengths) {
        const got = await reader.read(length)
        expect(Buffer.from(got).equals(whole.subarray(from, from + length))).toBe(true)
        from += got.length
      }
    }),
  )
})
