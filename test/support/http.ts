import { type OutgoingHttpHeaders, request } from 'node:http'

export interface Answer {
  /** 0 when the connection was cut without one. */
  readonly status: number
  readonly text: string
}

/** A plain HTTP request that may be what fetch refuses to send. */
export function send(
  url: string,
  options: { method?: string; path: string; headers?: OutgoingHttpHeaders; body?: string | Uint8Array },
): Promise<Answer> {
  const { hostname, port } = new URL(url)
  const { method = 'GET', path, headers = {}, body } = options
  return new Promise(resolve => {
    const sent = request({ host: hostname, port, method, path, headers, agent: false, timeout: 20_000 }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', chunk => {
        text += chunk
        // A stream that never ends has said enough with its head.
        if (response.headers['content-type']?.startsWith('text/event-stream')) sent.destroy()
      })
      const done = () => resolve({ status: response.statusCode ?? 0, text })
      response.on('end', done)
      response.on('error', done)
      response.on('close', done)
    })
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => resolve({ status: 0, text: '' }))
    sent.end(body)
  })
}
