/**
 * Which ways between nodes are open: cut (packets vanish), clogged (packets wait) or free. A way leads from one node to
 * another; the way back is another one.
 */
export class Wires {
  readonly #cut = new Set<string>()
  /** What waits on a clogged way, in the order of its coming. */
  readonly #clogged = new Map<string, (() => void)[]>()
  #groups: ReadonlyMap<string, number> | null = null

  /** The partition, as an object to be compared: null when there is none. */
  get partition(): object | null {
    return this.#groups
  }

  /** Nodes that are not named are together in one more group. */
  split(groups: readonly (readonly string[])[] | null): void {
    this.#groups = groups && new Map(groups.flatMap((members, i) => members.map(id => [id, i + 1] as const)))
  }

  cut(from: string, to: string): void {
    this.#cut.add(wayOf(from, to))
  }

  restoreAll(): void {
    this.#cut.clear()
  }

  clog(from: string, to: string): void {
    const way = wayOf(from, to)
    if (!this.#clogged.has(way)) this.#clogged.set(way, [])
  }

  /** Frees the way; gives what waited on it. */
  unclog(from: string, to: string): (() => void)[] {
    const way = wayOf(from, to)
    const waiting = this.#clogged.get(way) ?? []
    this.#clogged.delete(way)
    return waiting
  }

  /** Frees every way; gives what waited, in the order in which the ways were clogged. */
  unclogAll(): (() => void)[] {
    const waiting = [...this.#clogged.values()].flat()
    this.#clogged.clear()
    return waiting
  }

  /** Keeps a packet back if the way is clogged; answers whether it did. */
  holds(from: string, to: string, arrive: () => void): boolean {
    if (this.#clogged.size === 0) return false
    const waiting = this.#clogged.get(wayOf(from, to))
    waiting?.push(arrive)
    return waiting !== undefined
  }

  /** Whether a packet gets from one to the other, sooner or later. */
  reaches(from: string, to: string): boolean {
    const groups = this.#groups
    if (groups !== null && (groups.get(from) ?? 0) !== (groups.get(to) ?? 0)) return false
    return this.#cut.size === 0 || !this.#cut.has(wayOf(from, to))
  }

  /** Whether a partition lies between the two; a cut of one way is none. */
  parted(a: string, b: string): boolean {
    const groups = this.#groups
    return groups !== null && (groups.get(a) ?? 0) !== (groups.get(b) ?? 0)
  }
}

function wayOf(from: string, to: string): string {
  return `${from} ${to}`
}
