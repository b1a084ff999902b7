import { concatBytes, equalBytes, u32be } from '@hydraai/core'
import { multiaddr } from '@multiformats/multiaddr'
import {
  decodeResponse,
  decodeStreamed,
  encodeFrame,
  encodeResponse,
  FrameReader,
  FrameSplitter,
} from '../../../packages/network/src/libp2p/frame.ts'
import { promise, type Target, unlessRefused } from '../engine/target.ts'

const MAX_FRAME = 4_096
const text = (value: string) => new TextEncoder().encode(value)

export function targets(): readonly Target[] {
  const frames = concatBytes(encodeFrame(text('one')), encodeFrame(new Uint8Array()), encodeFrame(new Uint8Array(300)))
  return [
    {
      // The first byte says how the stream is cut into chunks: the frames are the same however it is.
      name: 'frame',
      format: 'bytes',
      seeds: [concatBytes(Uint8Array.of(3), frames), concatBytes(Uint8Array.of(0), u32be(MAX_FRAME + 1))],
      run(input) {
        const stream = input.subarray(1)
        const step = 1 + (input[0] ?? 0)
        const cut = framesOf(chunksOf(stream, step))
        const whole = framesOf([stream])
        promise(cut.refused === whole.refused, 'a stream is refused or not by how it is cut')
        promise(cut.frames.length === whole.frames.length, 'there are other frames when the stream is cut otherwise')
        const same = cut.frames.every((frame, i) => equalBytes(frame, whole.frames[i]!))
        promise(same, 'a frame depends on how the stream is cut')
        const again = concatBytes(...whole.frames.map(encodeFrame))
        promise(equalBytes(again, stream.subarray(0, again.length)), 'frames are not what stood in the stream')
        const single = unlessRefused(() => oneFrameOf(chunksOf(stream, step)))
        if (single !== undefined && single !== null)
          promise(equalBytes(encodeFrame(single), stream.subarray(0, single.length + 4)), 'the one frame is another')
        return !whole.refused
      },
    },
    {
      name: 'response-frame',
      format: 'bytes',
      seeds: [
        encodeResponse({ type: 'ok', body: text('an answer') }),
        encodeResponse({ type: 'refused', code: 'TOO_BUSY' }),
        encodeResponse({ type: 'failed', code: 'CODEC_INVALID' }),
        Uint8Array.of(3),
      ],
      maxBytes: 65_536,
      run(input) {
        const read = unlessRefused(() => decodeResponse(input))
        unlessRefused(() => decodeStreamed(input))
        if (read === undefined) return false
        if (read.type === 'ok') promise(equalBytes(encodeResponse(read), input), 'a response is written otherwise')
        else promise(/^[A-Z][A-Z_]{0,63}$/.test(read.code), 'what is no code passes for one')
        return true
      },
    },
    {
      // What other peers announce as their addresses; a refusal of the library is a plain Error.
      name: 'multiaddr',
      format: 'bytes',
      seeds: ['/ip4/127.0.0.1/tcp/7777', '/dns4/example.org/tcp/443/wss', '/ip6/::1/tcp/1/ws/p2p-circuit'].flatMap(
        one => [text(one), multiaddr(one).bytes],
      ),
      maxBytes: 2_048,
      run(input) {
        const parse = (value: string | Uint8Array) => {
          try {
            return multiaddr(value)
          } catch (error) {
            if (error instanceof RangeError && /call stack/.test(error.message)) throw error
            return undefined
          }
        }
        const read = parse(input)
        const spoken = parse(new TextDecoder().decode(input))
        for (const one of [read, spoken]) if (one !== undefined) parse(one.toString())
        return read !== undefined || spoken !== undefined
      },
    },
  ]
}

function chunksOf(stream: Uint8Array, step: number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < stream.length; at += step) chunks.push(stream.subarray(at, at + step))
  return chunks
}

function framesOf(chunks: readonly Uint8Array[]): { frames: Uint8Array[]; refused: boolean } {
  const splitter = new FrameSplitter(MAX_FRAME)
  const frames: Uint8Array[] = []
  for (const chunk of chunks) {
    const more = unlessRefused(() => splitter.push(chunk))
    if (more === undefined) return { frames: [], refused: true }
    for (const frame of more) frames.push(frame)
  }
  return { frames, refused: false }
}

function oneFrameOf(chunks: readonly Uint8Array[]): Uint8Array | null {
  const reader = new FrameReader(MAX_FRAME)
  for (const chunk of chunks) {
    const frame = reader.push(chunk)
    if (frame !== null) return frame
  }
  return null
}
