import type { Table } from './sortedTable.ts'

/** Writes kept above something that can be read, which stays untouched until they are handed down. */
export class Overlay<K extends string, V> {
  readonly #under: { get(key: K): V | undefined }
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

  /** Copies every write into `target`, the overlay this one was laid upon. */
  handDown(target: Overlay<K, V>): void {
    for (const [key, value] of this.#writes) target.#writes.set(key, value)
  }
}
