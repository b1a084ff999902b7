/** Longest line that is read, in characters: the last one brings the whole answer with its receipt. */
const MAX_LINE_CHARS = 512 * 1024
const MAX_CHARS = 4 * 1024 * 1024

/** A stream that is longer than the page will read. */
export class TooLongError extends Error {}

/** The lines of a streamed body as they come; empty ones are left out. @throws TooLongError, and what reading throws */
export async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  let total = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true })
      total += value?.length ?? 0
      const lines = rest.split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > MAX_LINE_CHARS || total > MAX_CHARS)
        throw new TooLongError('The answer is longer than the page will read.')
      for (const line of done ? [...lines, rest] : lines) if (line.trim() !== '') yield line
      if (done) return
    }
  } finally {
    // Whoever stops listening stops the answer as well.
    await reader.cancel().catch(() => undefined)
  }
}
