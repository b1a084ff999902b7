import { concatBytes, HydraError, u32be } from '@hydraai/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeResponse, encodeFrame, encodeResponse, FrameReader, FrameSplitter } from './frame.ts'

test('a frame comes out as it went in, however it was cut on the way', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(203), { maxLength: 5 }), (body, cuts) => {
      const frame = encodeFrame(body)
      const edges = [0, ...cuts.filter(cut => cut < frame.length).sort((a, b) => a - b), frame.length]
      const reader = new FrameReader(200)
      const results = edges.slice(1).map((edge, i) => reader.push(frame.subarray(edges[i], edge)))
      // A cut at the end may bring an empty piece, which changes nothing.
      expect(results.findLast(result => result !== null)).toEqual(body)
    }),
  )
})

test('a length over the limit is refused from its header alone', () => {
  expect(() => new FrameReader(10).push(u32be(11))).toThrow(expect.objectContaining({ code: 'FRAME_TOO_LARGE' }))
  expect(() => new FrameReader(10).push(u32be(0xffffffff))).toThrow(
    expect.objectContaining({ code: 'FRAME_TOO_LARGE' }),
  )
})

test('bytes after the frame are refused', () => {
  const bytes = concatBytes(encodeFrame(Uint8Array.of(1, 2)), Uint8Array.of(3))
  expect(() => new FrameReader(10).push(bytes)).toThrow(expect.objectContaining({ code: 'FRAME_INVALID' }))
})

test('any bytes give a frame, wait for more, or are refused by a code', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 10 }), chunks => {
      const reader = new FrameReader(16)
      try {
        for (const chunk of chunks) {
          const frame = reader.push(chunk)
          if (frame === null) continue
          expect(frame.length).toBeLessThanOrEqual(16)
          return
        }
      } catch (error) {
        expect(error).toBeInstanceOf(HydraError)
      }
    }),
  )
})

test('responses come out as they went in; a code that is no code does not get through', () => {
  const ok = { type: 'ok', body: Uint8Array.of(7, 8) } as const
  expect(decodeResponse(encodeResponse(ok))).toEqual(ok)
  const failed = { type: 'failed', code: 'BLOCK_MISSING' } as const
  expect(decodeResponse(encodeResponse(failed))).toEqual(failed)
  expect(decodeResponse(encodeResponse({ type: 'refused', code: 'drop table' }))).toEqual({
    type: 'refused',
    code: 'UNKNOWN',
  })
  expect(() => decodeResponse(new Uint8Array())).toThrow(expect.objectContaining({ code: 'FRAME_INVALID' }))
  expect(() => decodeResponse(Uint8Array.of(9))).toThrow(expect.objectContaining({ code: 'FRAME_INVALID' }))
})

test('frames of a stream come out as they went in, however they were cut on the way', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }),
      fc.array(fc.nat(2500), { maxLength: 20 }),
      (bodies, cuts) => {
        const bytes = concatBytes(...bodies.map(encodeFrame))
        const edges = [0, ...cuts.filter(cut => cut < bytes.length).sort((a, b) => a - b), bytes.length]
        const splitter = new FrameSplitter(300)
        const frames = edges.slice(1).flatMap((edge, i) => splitter.push(bytes.subarray(edges[i], edge)))
        expect(frames).toEqual(bodies)
      },
    ),
  )
  expect(() => new FrameSplitter(10).push(u32be(11))).toThrow(expect.objectContaining({ code: 'FRAME_TOO_LARGE' }))
})
