import { type Address, decode, encode, type Hash, hash, struct, uint } from '@hydraai/core'
import type { KeyValueStore } from '@hydraai/storage'

/** Blocks after which an unpaid answer stands against its asker. */
export const PAYMENT_BLOCKS = 20
/** Answers an asker may owe for at once: those of one block, for who asks quickly. */
const MAX_OWED = 16
/** A debt is forgotten then: an asker that lost its receipt could never pay, and the loss is small. */
const FORGOTTEN_AFTER_BLOCKS = 8_640
/** All debts together; the oldest goes first. */
const MAX_DEBTS = 10_000

const PREFIX = 'asking/debt/'
const recordCodec = struct({ height: uint, request: hash })

interface Debt {
  readonly asker: Address
  readonly request: Hash
  readonly height: number
}

/** Who has not paid for which answer. On disk, so that a restart forgives nobody. */
export class Debts {
  readonly #db: KeyValueStore
  readonly #byRequest = new Map<Hash, Debt>()

  private constructor(db: KeyValueStore) {
    this.#db = db
  }

  static async open(db: KeyValueStore): Promise<Debts> {
    const debts = new Debts(db)
    for await (const [key, value] of db.range({ gte: PREFIX, lt: `${PREFIX}~`, limit: MAX_DEBTS })) {
      const [asker] = key.slice(PREFIX.length).split('/') as [Address]
      const { height, request } = decode(recordCodec, value)
      debts.#byRequest.set(request, { asker, request, height })
    }
    return debts
  }

  /** Why an asker gets no answer at `height`; null if nothing stands against it. */
  against(asker: Address, height: number): 'overdue' | 'tooMany' | null {
    const own = this.#of(asker)
    if (own.some(debt => height - debt.height > PAYMENT_BLOCKS)) return 'overdue'
    return own.length >= MAX_OWED ? 'tooMany' : null
  }

  /** Answers that an asker has not paid for yet. */
  owedBy(asker: Address): number {
    return this.#of(asker).length
  }

  /** Remembers that an answer was given at `height`. */
  async add(debt: Debt): Promise<void> {
    this.#byRequest.set(debt.request, debt)
    const oldest = this.#byRequest.size > MAX_DEBTS ? this.#byRequest.values().next().value : undefined
    await this.#db.batch(
      [{ type: 'put', key: keyOf(debt), value: encode(recordCodec, debt) }, ...(oldest ? [this.#forget(oldest)] : [])],
      { sync: false },
    )
  }

  /** Strikes out what was paid for in a block at `height`, and what is too old. */
  async settle(paid: readonly Hash[], height: number): Promise<void> {
    const done = paid.map(request => this.#byRequest.get(request)).filter(debt => debt !== undefined)
    for (const debt of this.#byRequest.values())
      if (height - debt.height > FORGOTTEN_AFTER_BLOCKS && !done.includes(debt)) done.push(debt)
    if (done.length > 0)
      await this.#db.batch(
        done.map(debt => this.#forget(debt)),
        { sync: false },
      )
  }

  #of(asker: Address): Debt[] {
    return [...this.#byRequest.values()].filter(debt => debt.asker === asker)
  }

  #forget(debt: Debt): { type: 'del'; key: string } {
    this.#byRequest.delete(debt.request)
    return { type: 'del', key: keyOf(debt) }
  }
}

function keyOf({ asker, request }: Debt): string {
  return `${PREFIX}${asker}/${request}`
}
