import type { z } from 'zod'

type Shape = z.ZodType

/** One route of the API: what it takes, what it answers, and how. Everything about it is said here and nowhere else. */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** With `:name` for a parameter. */
  readonly path: string
  readonly summary: string
  /** Needs the bearer token. */
  readonly secret: boolean
  readonly params: Shape | null
  readonly query: Shape | null
  readonly body: Shape | null
  /** `bytes`: the body is taken as it is, up to `maxBodyBytes`, and given to the handler. */
  readonly bodyType?: 'json' | 'bytes'
  /** A few kilobytes unless given. */
  readonly maxBodyBytes?: number
  /** Shape of the JSON answer; or the media type of an answer that is no JSON. */
  readonly answer: Shape | string
  /** The answer is bytes that the handler returns. */
  readonly answersBytes?: boolean
  /** Undefined means that there is no such thing (404). Not called for a route that answers no JSON. */
  readonly handle: (input: Input) => unknown
}

interface Input {
  readonly params: never
  readonly query: never
  readonly body: never
}

/** Media type of content that is no JSON. */
export const BYTES_TYPE = 'application/octet-stream'

interface Definition<P extends Shape, Q extends Shape, B extends Shape, A extends Shape> {
  readonly summary: string
  readonly secret?: boolean
  readonly maxBodyBytes?: number
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly answer: A
  readonly handle: (input: {
    params: z.output<P>
    query: z.output<Q>
    body: z.output<B>
  }) => z.input<A> | undefined | Promise<z.input<A> | undefined>
}

/** Ties a handler's types to the shapes it is described by. */
export function route<P extends Shape, Q extends Shape, B extends Shape, A extends Shape>(
  method: Route['method'],
  path: string,
  definition: Definition<P, Q, B, A>,
): Route {
  const { secret = false, params = null, query = null, body = null, handle, ...rest } = definition
  return { method, path, secret, params, query, body, ...rest, handle: handle as Route['handle'] }
}

/** A route that answers with bytes. */
export function bytesOut<P extends Shape, Q extends Shape>(
  path: string,
  definition: {
    readonly summary: string
    readonly params: P
    readonly query: Q
    readonly handle: (input: { params: z.output<P>; query: z.output<Q> }) => Promise<Uint8Array | undefined>
  },
): Route {
  const { handle, ...rest } = definition
  const shape = { body: null, secret: false, answer: BYTES_TYPE, answersBytes: true }
  return { method: 'GET', path, ...rest, ...shape, handle: handle as Route['handle'] }
}

/** A route that takes bytes, from whoever has the token. */
export function bytesIn<A extends Shape>(
  path: string,
  definition: {
    readonly summary: string
    readonly maxBodyBytes: number
    readonly answer: A
    readonly handle: (bytes: Uint8Array) => Promise<z.input<A>>
  },
): Route {
  const { handle, ...rest } = definition
  const shape = { secret: true, params: null, query: null, body: null, bodyType: 'bytes' as const }
  return { method: 'POST', path, ...rest, ...shape, handle: ({ body }: { body: Uint8Array }) => handle(body) } as Route
}

/** A route that writes its answer itself. */
export function rawRoute(path: string, summary: string, mediaType: string): Route {
  return {
    method: 'GET',
    path,
    summary,
    secret: false,
    params: null,
    query: null,
    body: null,
    answer: mediaType,
    handle: () => undefined,
  }
}
