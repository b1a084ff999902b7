import { concatBytes, HydraError, u32be, utf8 } from '@hydraai/core'

/** A frame is a big-endian uint32 length and so many bytes. */
export const FRAME_HEADER_BYTES = 4

/** How a response begins. Anything else is nonsense. */
export const Status = { ok: 0, failed: 1, refused: 2, end: 3 } as const

/** Largest response body that is an error code and not an answer. */
const MAX_CODE_BYTES = 64

export type Response = { type: 'ok'; body: Uint8Array } | { type: 'failed' | 'refused'; code: string }

/** Room a response frame needs for a body of `maxBytes`, or an error code. */
export function maxResponseFrame(maxBytes: number): number {
  return 1 + Math.max(maxBytes, MAX_CODE_BYTES)
}

export function encodeFrame(body: Uint8Array): Uint8Array {
  return concatBytes(u32be(body.length), body)
}

export function encodeResponse(response: Response): Uint8Array {
  const status = Uint8Array.of(Status[response.type])
  return concatBytes(status, response.type === 'ok' ? response.body : utf8(response.code.slice(0, MAX_CODE_BYTES)))
}

/** @throws HydraError FRAME_INVALID */
export function decodeResponse(frame: Uint8Array): Response {
  const status = frame[0]
  if (status === Status.ok) return { type: 'ok', body: frame.subarray(1) }
  if (status === Status.failed || status === Status.refused) {
    const code = new TextDecoder().decode(frame.subarray(1, 1 + MAX_CODE_BYTES))
    // Only what looks like a code goes on into messages and logs.
    return {
      type: status === Status.failed ? 'failed' : 'refused',
      code: /^[A-Z][A-Z_]*$/.test(code) ? code : 'UNKNOWN',
    }
  }
  throw new HydraError('FRAME_INVALID', 'the response has no known status byte')
}

/** What ends a stream of responses: without it the stream broke off. */
export const END_OF_STREAM = Uint8Array.of(Status.end)

/** One frame of a stream of responses; null at its end. @throws HydraError FRAME_INVALID */
export function decodeStreamed(frame: Uint8Array): Response | null {
  return frame.length === 1 && frame[0] === Status.end ? null : decodeResponse(frame)
}

/**
 * Cuts what arrives into frames. Never holds more than the header, `maxBytes` and one chunk.
 */
export class FrameSplitter {
  readonly #maxBytes: number
  #buffer = new Uint8Array(256)
  #held = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The bodies of the frames that are whole now. @throws HydraError FRAME_TOO_LARGE */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#append(chunk)
    const frames: Uint8Array[] = []
    let at = 0
    while (this.#held - at >= FRAME_HEADER_BYTES) {
      const start = at + FRAME_HEADER_BYTES
      const end = start + announcedLength(this.#buffer.subarray(at), this.#maxBytes)
      if (this.#held < end) break
      frames.push(this.#buffer.slice(start, end))
      at = end
    }
    this.#buffer.copyWithin(0, at, this.#held)
    this.#held -= at
    return frames
  }

  /** Room is doubled, so that a frame that comes byte by byte is not copied for each of them. */
  #append(chunk: Uint8Array): void {
    const needed = this.#held + chunk.length
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#buffer.length))
      larger.set(this.#buffer.subarray(0, this.#held))
      this.#buffer = larger
    }
    this.#buffer.set(chunk, this.#held)
    this.#held = needed
  }
}

function announcedLength(head: Uint8Array, maxBytes: number): number {
  const length = new DataView(head.buffer, head.byteOffset).getUint32(0)
  if (length > maxBytes) {
    throw new HydraError('FRAME_TOO_LARGE', `a frame of ${length} bytes was announced; at most ${maxBytes} are taken`)
  }
  return length
}

/**
 * Collects the bytes of one frame as they arrive. Never holds more than the header, `maxBytes` and one chunk.
 */
export class FrameReader {
  readonly #maxBytes: number
  #chunks: Uint8Array[] = []
  #have = 0
  #length: number | null = null

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The frame's body once it is whole, else null. @throws HydraError FRAME_TOO_LARGE, FRAME_INVALID */
  push(chunk: Uint8Array): Uint8Array | null {
    this.#chunks.push(chunk)
    this.#have += chunk.length
    if (this.#length === null && this.#have >= FRAME_HEADER_BYTES) this.#length = this.#readLength()
    if (this.#length === null || this.#have < FRAME_HEADER_BYTES + this.#length) return null
    if (this.#have > FRAME_HEADER_BYTES + this.#length) {
      throw new HydraError('FRAME_INVALID', 'there are more bytes than the frame announced')
    }
    return concatBytes(...this.#chunks).subarray(FRAME_HEADER_BYTES)
  }

  /** Whether nothing has come yet. */
  get empty(): boolean {
    return this.#have === 0
  }

  #readLength(): number {
    const head = concatBytes(...this.#chunks)
    this.#chunks = [head]
    return announcedLength(head, this.#maxBytes)
  }
}
