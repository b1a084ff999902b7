/**
 * Small decoders for JSON from outside. An answer is checked once, here, and is trusted inside; fields the page does
 * not know are ignored, so that a newer node can say more.
 */
export type Parse<T> = (value: unknown, path: string) => T
export type Parsed<P> = P extends Parse<infer T> ? T : never

/** The node answered something this page does not understand. */
export class AnswerError extends Error {
  readonly path: string
  constructor(path: string, expected: string) {
    super(`The node's answer has no ${expected} at “${path}”. The page and the node may be of different versions.`)
    this.path = path
  }
}

export const text: Parse<string> = (value, path) => {
  if (typeof value !== 'string') throw new AnswerError(path, 'text')
  return value
}

export const number: Parse<number> = (value, path) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new AnswerError(path, 'finite number')
  return value
}

export const flag: Parse<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw new AnswerError(path, 'true or false')
  return value
}

/** A decimal amount of HYDRA such as `45.5`, `+1.0` or `-0.01`, kept as text: no float ever touches money. */
export const amount: Parse<string> = (value, path) => {
  if (typeof value !== 'string' || !/^[+-]?\d{1,24}(\.\d{1,6})?$/.test(value)) throw new AnswerError(path, 'amount')
  return value
}

export const record: Parse<Readonly<Record<string, unknown>>> = (value, path) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new AnswerError(path, 'object')
  return value as Record<string, unknown>
}

export function oneOf<const T extends string>(...words: readonly T[]): Parse<T> {
  return (value, path) => {
    const found = words.find(word => word === value)
    if (found === undefined) throw new AnswerError(path, `one of ${words.join(', ')}`)
    return found
  }
}

/** `null`, and a field that is not there, are both null. */
export function nullable<T>(parse: Parse<T>): Parse<T | null> {
  return (value, path) => (value === null || value === undefined ? null : parse(value, path))
}

/** A field that may be missing; a wrong one is still an error. */
export function or<T>(parse: Parse<T>, fallback: T): Parse<T> {
  return (value, path) => (value === undefined || value === null ? fallback : parse(value, path))
}

export function list<T>(parse: Parse<T>, max = 10_000): Parse<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new AnswerError(path, 'list')
    if (value.length > max) throw new AnswerError(path, `list of at most ${max}`)
    return value.map((item, index) => parse(item, `${path}[${index}]`))
  }
}

export function object<S extends Record<string, Parse<unknown>>>(
  shape: S,
): Parse<{ readonly [K in keyof S]: Parsed<S[K]> }> {
  return (value, path) => {
    const source = record(value, path)
    const entries = Object.entries(shape).map(([key, parse]) => [
      key,
      parse(source[key], path ? `${path}.${key}` : key),
    ])
    return Object.fromEntries(entries) as { readonly [K in keyof S]: Parsed<S[K]> }
  }
}

/** Both parts of one object: known fields checked, and everything the node said kept beside them. */
export function withRest<T>(parse: Parse<T>): Parse<T & { readonly rest: Readonly<Record<string, unknown>> }> {
  return (value, path) => ({ ...parse(value, path), rest: record(value, path) })
}
