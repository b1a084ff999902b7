import { leastReplacement } from '../mempool.ts'

export interface Entry {
  readonly sender: number
  readonly nonce: number
  readonly tip: bigint
  readonly arrival: number
}

/** The mempool's rules once more, in the plainest words, for tests to hold it against. */
export class NaiveMempool {
  entries: Entry[] = []
  readonly nonces: number[]
  readonly #maxCount: number
  readonly #maxPerAccount: number
  #arrivals = 0

  constructor(senders: number, limits: { maxCount: number; maxCountPerAccount: number }) {
    this.nonces = Array.from({ length: senders }, () => 0)
    this.#maxCount = limits.maxCount
    this.#maxPerAccount = limits.maxCountPerAccount
  }

  /** The code of the refusal, or `taken`. */
  add(sender: number, nonce: number, tip: bigint): string {
    const next = this.nonces[sender]!
    if (nonce < next) return 'NONCE_USED'
    const own = this.of(sender)
    const rival = own.find(entry => entry.nonce === nonce)
    if (rival && tip < leastReplacement(rival.tip)) return 'NONCE_TAKEN'
    if (!rival && own.length >= this.#maxPerAccount) return 'MEMPOOL_ACCOUNT_FULL'
    if (nonce > next + this.#maxPerAccount) return 'NONCE_AHEAD'
    const entry = { sender, nonce, tip, arrival: this.#arrivals++ }
    this.entries = [...this.entries.filter(other => other !== rival), entry]
    while (this.entries.length > this.#maxCount) {
      const victim = this.#worstOfLast()
      this.entries = this.entries.filter(other => other !== victim)
      if (victim === entry) return 'MEMPOOL_FULL'
    }
    return 'taken'
  }

  of(sender: number): Entry[] {
    return this.entries.filter(entry => entry.sender === sender).sort((a, b) => a.nonce - b.nonce)
  }

  /** What can follow one another without a gap. */
  readyOf(sender: number): Entry[] {
    return this.of(sender).filter((entry, i) => entry.nonce === this.nonces[sender]! + i)
  }

  ordered(limit: number): Entry[] {
    const queues = this.nonces.map((_, sender) => this.readyOf(sender))
    const taken = queues.map(() => 0)
    const order: Entry[] = []
    while (order.length < limit) {
      const heads = queues.flatMap((queue, i) => queue[taken[i]!] ?? [])
      heads.sort((a, b) => {
        if (a.tip !== b.tip) return a.tip > b.tip ? -1 : 1
        return taken[a.sender]! - taken[b.sender]! || a.arrival - b.arrival
      })
      const [best] = heads
      if (!best) break
      order.push(best)
      taken[best.sender]!++
    }
    return order
  }

  /** A block has taken `count` transactions of the sender. */
  include(sender: number, count: number): void {
    this.nonces[sender]! += count
    this.entries = this.entries.filter(entry => entry.sender !== sender || entry.nonce >= this.nonces[sender]!)
  }

  #worstOfLast(): Entry {
    const last = this.nonces.flatMap((_, sender) => this.of(sender).at(-1) ?? [])
    return last.reduce((a, b) => (this.#isWorse(b, a) ? b : a))
  }

  #isWorse(a: Entry, b: Entry): boolean {
    const [one, other] = [this.#worth(a), this.#worth(b)]
    if (one !== other) return one < other
    const [many, few] = [this.of(a.sender).length, this.of(b.sender).length]
    return many !== few ? many > few : a.arrival > b.arrival
  }

  #worth(entry: Entry): bigint {
    const before = this.readyOf(entry.sender).filter(({ nonce }) => nonce <= entry.nonce)
    if (!before.includes(entry)) return -1n
    let worth = entry.tip
    for (const { tip } of before) if (tip < worth) worth = tip
    return worth
  }
}
