const TIMEOUT_MS = 10_000

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
export type Json = any

/** The HTTP API of one node, as any program on its machine uses it. */
export class Api {
  readonly url: string
  readonly token: string | undefined

  constructor(url: string, token?: string) {
    this.url = url.replace(/\/$/, '')
    this.token = token
  }

  async get(path: string): Promise<Json> {
    return parsed(path, await this.#fetch(path, { headers: this.#headers() }))
  }

  async post(path: string, body: unknown): Promise<Json> {
    const headers = { ...this.#headers(), 'content-type': 'application/json' }
    return parsed(path, await this.#fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }))
  }

  status(): Promise<Json> {
    return this.get('/api/status')
  }

  block(height: number): Promise<Json> {
    return this.get(`/api/blocks/${height}`)
  }

  async height(): Promise<number> {
    return (await this.status()).chain.height
  }

  async accuracy(): Promise<number> {
    return (await this.get('/api/models')).models[0].evaluation.accuracy
  }

  /** One number of `/metrics`; the sum where labels part it. `labels` narrows, as in `topic="transactions/1"`. */
  async metric(name: string, ...labels: string[]): Promise<number> {
    const response = await this.#fetch('/metrics', {})
    const lines = (await response.text())
      .split('\n')
      .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    const wanted = lines.filter(line => labels.every(label => line.includes(label)))
    return wanted.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  }

  #headers(): Record<string, string> {
    return this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }
  }

  #fetch(path: string, init: RequestInit): Promise<Response> {
    return fetch(this.url + path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) })
  }
}

async function parsed(path: string, response: Response): Promise<Json> {
  const text = await response.text()
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text.slice(0, 300)}`)
  return JSON.parse(text)
}
