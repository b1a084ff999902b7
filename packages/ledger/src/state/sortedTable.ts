/**
 * Tables of the state are Maps that iterate in ascending order of their keys (code units), whatever the order of
 * the writes was, so that walking one gives the same sequence on every machine.
 */
export type Table<K extends string, V> = ReadonlyMap<K, V>

/** A new table: `base` with `writes` laid over it; undefined takes a key away. `base` is not touched; without writes it is returned itself. */
export function withWrites<K extends string, V>(base: Table<K, V>, writes: ReadonlyMap<K, V | undefined>): Table<K, V> {
  if (writes.size === 0) return base
  const added = [...writes.keys()].filter(key => !base.has(key) && writes.get(key) !== undefined).sort(compareKeys)
  if (added.length === 0) {
    // Setting a key that a Map already holds keeps its place, so the order stands.
    const table = new Map(base)
    for (const [key, value] of writes) put(table, key, value)
    return table
  }
  const table = new Map<K, V>()
  let next = 0
  for (const [key, value] of base) {
    for (let fresh = added[next]; fresh !== undefined && fresh < key; fresh = added[++next])
      table.set(fresh, writes.get(fresh)!)
    put(table, key, writes.has(key) ? writes.get(key) : value)
  }
  for (; next < added.length; next++) table.set(added[next]!, writes.get(added[next]!)!)
  return table
}

function put<K extends string, V>(table: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) table.delete(key)
  else table.set(key, value)
}

/** Orders strings by code unit: the order of their bytes, since every key of the ledger is ASCII. */
export function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
