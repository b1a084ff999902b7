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
  /** Shape of the JSON answer; or the media type of an answer that is no JSON. */
  readonly answer: Shape | string
  /** Undefined means that there is no such thing (404). Not called for a route that answers no JSON. */
  readonly handle: (input: Input) => unknown
}

interface Input {
  readonly params: never
  readonly query: never
  readonly body: never
}

interface Definition<P extends Shape, Q extends Shape, B extends Shape, A extends Shape> {
  readonly summary: string
  readonly secret?: boolean
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
  const { summary, secret = false, params = null, query = null, body = null, answer, handle } = definition
  return { method, path, summary, secret, params, query, body, answer, handle: handle as Route['handle'] }
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
