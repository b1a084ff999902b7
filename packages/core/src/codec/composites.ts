import { type Codec, codecError, type Infer } from './codec.ts'

type Fields = Readonly<Record<string, Codec<unknown>>>
type StructOf<F extends Fields> = { [K in keyof F]: Infer<F[K]> }
type VariantOf<V extends Readonly<Record<string, Fields>>> = {
  [K in keyof V & string]: { [P in 'type' | keyof V[K]]: P extends keyof V[K] ? Infer<V[K][P]> : K }
}[keyof V & string]

/** A list of at most `max` items. */
export function list<T>(item: Codec<T>, options: { max: number }): Codec<T[]> {
  function check(value: unknown, path: string): unknown[] {
    if (!Array.isArray(value)) throw codecError(path, 'expected a list')
    if (value.length > options.max) throw codecError(path, `${value.length} items are more than ${options.max}`)
    return value
  }
  return {
    toWire: (value, path = '$') => check(value, path).map((entry, i) => item.toWire(entry as T, `${path}[${i}]`)),
    fromWire: (wire, path) => check(wire, path).map((entry, i) => item.fromWire(entry, `${path}[${i}]`)),
  }
}

/** The value, or null. */
export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    toWire: (value, path = '$') => (value === null ? null : codec.toWire(value, path)),
    fromWire: (wire, path) => (wire === null ? null : codec.fromWire(wire, path)),
  }
}

function asRecord(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw codecError(path, 'expected a map of fields')
  }
  return value as Record<string, unknown>
}

/**
 * A map with exactly these fields. Decoding refuses missing and unknown ones; encoding takes the named ones and leaves
 * others, so that a wider value (a signed vote) can be encoded as the narrower (the vote).
 */
export function struct<F extends Fields>(fields: F): Codec<StructOf<F>> {
  const entries = Object.entries(fields)
  return {
    toWire(value, path = '$') {
      const record = asRecord(value, path)
      const wire: Record<string, unknown> = {}
      for (const [name, codec] of entries) wire[name] = codec.toWire(record[name], `${path}.${name}`)
      return wire
    },
    fromWire(wire, path) {
      const record = asRecord(wire, path)
      const value: Record<string, unknown> = {}
      for (const [name, codec] of entries) {
        if (!Object.hasOwn(record, name)) throw codecError(path, `the field "${name}" is missing`)
        value[name] = codec.fromWire(record[name], `${path}.${name}`)
      }
      if (Object.keys(record).length !== entries.length) {
        const unknown = Object.keys(record).find(name => !Object.hasOwn(fields, name))
        throw codecError(path, `the field ${JSON.stringify(unknown?.slice(0, 40))} is not known`)
      }
      return value as StructOf<F>
    },
  }
}

/** One of several structs, told apart by the text field `type`, which stands in the map beside the others. */
export function variant<const V extends Readonly<Record<string, Fields>>>(kinds: V): Codec<VariantOf<V>> {
  const structs = new Map<string, Codec<Record<string, unknown>>>()
  for (const [kind, fields] of Object.entries(kinds)) {
    if (Object.hasOwn(fields, 'type')) throw new TypeError(`kind "${kind}" cannot have a field of its own named "type"`)
    const tag: Codec<unknown> = { toWire: () => kind, fromWire: () => kind }
    structs.set(kind, struct({ type: tag, ...fields }))
  }
  function structOf(value: unknown, path: string): Codec<Record<string, unknown>> {
    const record = asRecord(value, path)
    const kind = Object.hasOwn(record, 'type') ? record.type : undefined
    const found = typeof kind === 'string' ? structs.get(kind) : undefined
    if (found === undefined) throw codecError(path, `the type is not one of ${[...structs.keys()].join(', ')}`)
    return found
  }
  return {
    toWire: (value, path = '$') => structOf(value, path).toWire(value as Record<string, unknown>, path),
    fromWire: (wire, path) => structOf(wire, path).fromWire(wire, path) as VariantOf<V>,
  }
}
