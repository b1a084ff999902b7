import { RequestError, refusalOfText } from '../../api/client.ts'

/**
 * The whole body behind an address, at most `max` bytes, with word of every piece as it comes.
 * @throws RequestError with the node's reason, UNREACHABLE or TOO_LONG
 */
export async function fetchBytes(path: string, max: number, onBytes: (bytes: number) => void): Promise<Uint8Array> {
  const response = await fetch(path, { credentials: 'omit' }).catch(() => {
    throw new RequestError('UNREACHABLE', 'The node did not answer.', 0, 'See that it is still running.')
  })
  if (!response.ok) throw refusalOfText(await response.text(), response.status)
  const parts: Uint8Array[] = []
  let size = 0
  const reader = response.body?.getReader()
  for (;;) {
    const piece = await reader?.read()
    if (piece === undefined || piece.done) break
    size += piece.value.length
    if (size > max) {
      await reader?.cancel()
      throw new RequestError('TOO_LONG', 'The node sent more than the page will read.')
    }
    parts.push(piece.value)
    onBytes(piece.value.length)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
