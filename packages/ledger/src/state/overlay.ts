import { compareKeys, type Table } from './sortedTable.ts'

/** Writes kept above something that can be read, which stays untouched until they are handed down. */
export class Overlay<K extends string, V> {
  readonly #under: Table<K, V> | Overlay<K, V>
  /** Undefined stands for a value taken away. */
  readonly #writes = new Map<K, V | undefined>()

  constructor(under: Table<K, V> | Overlay<K, V>) {
    this.#under = under
  }

  get(key: K): V | undefined {
    return this.#writes.has(key) ? this.#writes.get(key) : this.#under.get(key)
  }

  set(key: K, value: V): void {
    this.#writes.set(key, value)
  }

  delete(key: K): void {
    this.#writes.set(key, undefined)
  }

  get writes(): ReadonlyMap<K, V | undefined> {
    return this.#writes
  }

  /** What there is now, in ascending order of keys. Nothing may be written while it is walked. */
  *entries(): Generator<[K, V]> {
    const written = [...this.#writes.keys()].sort(compareKeys)
    let next = 0
    for (const [key, value] of this.#under.entries()) {
      for (let fresh = written[next]; fresh !== undefined && fresh < key; fresh = written[++next])
        yield* this.#written(fresh)
      if (written[next] === key) {
        next++
        yield* this.#written(key)
      } else yield [key, value]
    }
    for (; next < written.length; next++) yield* this.#written(written[next]!)
  }

  *#written(key: K): Generator<[K, V]> {
    const value = this.#writes.get(key)
    if (value !== undefined) yield [key, value]
  }

  /** Copies every write into `target`, the overlay this one was laid upon. */
  handDown(target: Overlay<K, V>): void {
    for (const [key, value] of this.#writes) target.#writes.set(key, value)
  }
}
