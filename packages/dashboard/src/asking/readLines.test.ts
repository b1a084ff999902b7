import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readLines, TooLongError } from './readLines.ts'

function streamOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      controller.close()
    },
  })
}

async function linesOf(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const lines: string[] = []
  for await (const line of readLines(stream)) lines.push(line)
  return lines
}

describe('lines of a stream', () => {
  it('are the same however the bytes are cut, characters of several bytes included', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: 'grapheme', minLength: 1 }).filter(text => !/[\n\r]/.test(text) && text.trim() !== ''),
        ),
        fc.array(fc.nat(12)),
        async (lines, cuts) => {
          const bytes = new TextEncoder().encode(lines.join('\n'))
          const pieces: Uint8Array[] = []
          let at = 0
          for (const cut of cuts) {
            pieces.push(bytes.slice(at, at + cut))
            at += cut
          }
          pieces.push(bytes.slice(at))
          expect(await linesOf(streamOf(pieces))).toEqual(lines.map(line => line.toWellFormed()))
        },
      ),
    ))

  it('that never end are given up', async () => {
    const endless = streamOf(Array.from({ length: 9 }, () => new Uint8Array(64 * 1024).fill(97)))
    await expect(linesOf(endless)).rejects.toThrow(TooLongError)
  })

  it('stop the sender when the reader stops', async () => {
    let cancelled = false
    const stream = new ReadableStream<Uint8Array>({
      pull: controller => controller.enqueue(new TextEncoder().encode('x\n')),
      cancel() {
        cancelled = true
      },
    })
    for await (const line of readLines(stream)) {
      expect(line).toBe('x')
      break
    }
    expect(cancelled).toBe(true)
  })
})
