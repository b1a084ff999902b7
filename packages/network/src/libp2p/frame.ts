import { concatBytes, HydraError, u32be, utf8 } from '@hydraai/core'

/** A frame is a big-endian uint32 length and so many bytes. */
export const FRAME_HEADER_BYTES = 4

/** How a response begins. Anything else is nonsense. */
export const Status = { ok: 0, failed: 1, refused: 2 } as const

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
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0)
    if (length > this.#maxBytes) {
      throw new HydraError(
        'FRAME_TOO_LARGE',
        `a frame of ${length} bytes was announced; at most ${this.#maxBytes} are taken`,
      )
    }
    return length
  }
}
