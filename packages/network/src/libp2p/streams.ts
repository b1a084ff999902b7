import { HydraError } from '@hydraai/core'
import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import { encodeFrame, FrameReader, FrameSplitter } from './frame.ts'

/** Bytes handed to the stream at once; between two of them the writer waits for room. */
const WRITE_BYTES = 65_536

/**
 * Reads exactly one frame. The stream is left open, and keeps what comes later.
 *
 * @throws HydraError FRAME_TOO_LARGE, FRAME_INVALID, FRAME_TRUNCATED, FRAME_SILENT (nothing came before the signal
 *   aborted), FRAME_SLOW (not all of it did)
 */
export function readFrame(stream: Stream, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const reader = new FrameReader(maxBytes)
    const finish = (settle: () => void) => {
      stream.removeEventListener('message', onMessage)
      stream.removeEventListener('end', onEnd)
      stream.removeEventListener('close', onEnd)
      signal.removeEventListener('abort', onAbort)
      settle()
    }
    const onMessage = (event: StreamMessageEvent) => {
      try {
        const frame = reader.push(event.data.subarray())
        if (frame !== null) finish(() => resolve(frame))
        else if (hasEnded(stream)) onEnd()
      } catch (error) {
        finish(() => reject(error))
      }
    }
    const onEnd = (event?: Event) => {
      const cause = event !== undefined && 'error' in event ? event.error : undefined
      finish(() => reject(new HydraError('FRAME_TRUNCATED', 'the stream ended before the frame did', { cause })))
    }
    const onAbort = () => {
      const code = reader.empty ? 'FRAME_SILENT' : 'FRAME_SLOW'
      finish(() => reject(new HydraError(code, 'the frame did not arrive in time', { cause: signal.reason })))
    }
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort)
    stream.addEventListener('end', onEnd)
    stream.addEventListener('close', onEnd)
    stream.addEventListener('message', onMessage)
    if (hasEnded(stream)) onEnd()
  })
}

/** What negotiating the protocol read too much of is put back after `end` was told, and is still to come. */
function hasEnded(stream: Stream): boolean {
  return stream.readableEnded && stream.readBufferLength === 0
}

/** Writes one frame, no faster than the other side takes it. */
export async function writeFrame(stream: Stream, body: Uint8Array, signal: AbortSignal): Promise<void> {
  const frame = encodeFrame(body)
  for (let at = 0; at < frame.length; at += WRITE_BYTES) {
    if (!stream.send(frame.subarray(at, at + WRITE_BYTES))) await stream.onDrain({ signal })
  }
}

/** Waits until the other side has closed too, and ends the stream by force if it does not. */
export function closeWithin(stream: Stream, ms: number): void {
  if (stream.status !== 'open' && stream.status !== 'closing') return
  const timer = setTimeout(() => stream.abort(new Error('the other side did not close the stream')), ms)
  stream.addEventListener('close', () => clearTimeout(timer))
}

/** Ends a stream whose other side may still be sending: what was written gets through, what still comes is thrown away. */
export async function closeDiscarding(stream: Stream, ms: number): Promise<void> {
  stream.addEventListener('message', () => {})
  closeWithin(stream, ms)
  await stream.close()
}

/**
 * Reads frames as they come until `onFrame` answers true. No more than `idleMs` may pass without a whole frame.
 *
 * @throws HydraError FRAME_TOO_LARGE, FRAME_TRUNCATED (the stream ended before), FRAME_SILENT (`idleMs` passed), the signal's
 *   reason when it aborts, and what `onFrame` throws
 */
export function readFrames(
  stream: Stream,
  options: { maxBytes: number; idleMs: number; signal: AbortSignal },
  onFrame: (frame: Uint8Array) => boolean,
): Promise<void> {
  const { maxBytes, idleMs, signal } = options
  return new Promise((resolve, reject) => {
    const splitter = new FrameSplitter(maxBytes)
    let finished = false
    let timer = setTimeout(onIdle, idleMs)
    const finish = (settle: () => void) => {
      finished = true
      clearTimeout(timer)
      stream.removeEventListener('message', onMessage)
      stream.removeEventListener('end', onEnd)
      stream.removeEventListener('close', onEnd)
      signal.removeEventListener('abort', onAbort)
      settle()
    }
    function onIdle() {
      finish(() => reject(new HydraError('FRAME_SILENT', `nothing came for ${idleMs} ms`)))
    }
    const onMessage = (event: StreamMessageEvent) => {
      try {
        for (const frame of splitter.push(event.data.subarray())) {
          clearTimeout(timer)
          timer = setTimeout(onIdle, idleMs)
          if (onFrame(frame)) return finish(resolve)
        }
        if (hasEnded(stream)) onEnd()
      } catch (error) {
        finish(() => reject(error))
      }
    }
    const onEnd = (event?: Event) => {
      if (finished) return
      const cause = event !== undefined && 'error' in event ? event.error : undefined
      finish(() => reject(new HydraError('FRAME_TRUNCATED', 'the stream broke off', { cause })))
    }
    const onAbort = () => finish(() => reject(signal.reason))
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort)
    stream.addEventListener('end', onEnd)
    stream.addEventListener('close', onEnd)
    stream.addEventListener('message', onMessage)
    if (hasEnded(stream)) onEnd()
  })
}
