import { type Address, concatBytes, decode, fromHex, type Hash, parseAddress, toHex, u32be, utf8 } from '@hydraai/core'
import { committeeOfMembers } from '../committee/committee.ts'
import { LedgerError } from '../errors.ts'
import type { StoredEntry } from './changes.ts'
import {
  accountCodec,
  type ChainEntry,
  type CommitteeEntry,
  chainCodec,
  committeeEntryCodec,
  type HeadEntry,
  headCodec,
  modelCodec,
  roundCodec,
  unbondingCodec,
  updateCodec,
} from './codec.ts'
import { entriesOf, entryKey } from './entries.ts'
import type { Account, LedgerState, Model, Round, Unbonding, Update } from './types.ts'
import { unbondingKey } from './unbonding.ts'

const FORMAT = utf8('hydra-state/2\n')
const MAX_KEY_BYTES = 128
const MAX_VALUE_BYTES = 65_536

/**
 * The state as bytes: the format's name, the block hash (32 bytes), the number of entries (u32be), then the entries as
 * they stand under the state root. Cheap after `applyBlock`, which has encoded them already.
 */
export function encodeState(state: LedgerState): Uint8Array {
  const entries = entriesOf(state)
  return concatBytes(FORMAT, fromHex(state.blockHash), u32be(entries.length), ...entries.map(entry => entry.bytes))
}

/**
 * The state of a snapshot. That it is the one of a certain block is for the caller to see: `stateRoot` of it must be the
 * `state` of that block's header. @throws LedgerError STATE_INVALID
 */
export function decodeState(bytes: Uint8Array): LedgerState {
  return orInvalid(() => {
    const reader = new Reader(bytes)
    if (toHex(reader.take(FORMAT.length)) !== toHex(FORMAT)) throw new Error('it begins otherwise')
    const blockHash = toHex(reader.take(32)) as Hash
    const builder = new StateBuilder()
    for (let left = reader.uint32(); left > 0; left--) builder.add(reader.entry())
    reader.end()
    return builder.finish(blockHash)
  })
}

/**
 * The state of a store that was kept by `changedEntries`, after the block of that hash.
 * @throws LedgerError STATE_INVALID when the entries are not those of a state, in ascending order of keys
 */
export function stateOfEntries(blockHash: Hash, entries: Iterable<StoredEntry>): LedgerState {
  return orInvalid(() => {
    const builder = new StateBuilder()
    for (const { key, value } of entries) {
      const reader = new Reader(value)
      const entry = reader.entry()
      reader.end()
      if (entry.key !== key)
        throw new Error(`the entry ${JSON.stringify(entry.key)} is stored under ${JSON.stringify(key)}`)
      builder.add(entry)
    }
    return builder.finish(blockHash)
  })
}

function orInvalid(read: () => LedgerState): LedgerState {
  try {
    return read()
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new LedgerError('STATE_INVALID', `this is no snapshot of a ledger's state: ${problem}`, { cause })
  }
}

/** Puts a state together from its entries, which come in ascending order of keys. */
class StateBuilder {
  readonly #accounts = new Map<Address, Account>()
  readonly #models = new Map<string, Model>()
  readonly #roundHeads = new Map<string, Omit<Round, 'updates'>>()
  readonly #updates = new Map<string, Update[]>()
  readonly #unbondings = new Map<string, Unbonding>()
  #chain: ChainEntry | undefined
  #head: HeadEntry | undefined
  #committees: CommitteeEntry | undefined
  #previous = ''

  add({ key, value }: { key: string; value: Uint8Array }): void {
    if (key <= this.#previous) throw new Error(`the entry ${JSON.stringify(key)} is out of order`)
    this.#previous = key
    const expected = this.#take(key, value)
    if (key !== expected)
      throw new Error(`the entry ${JSON.stringify(key)} holds the value of ${JSON.stringify(expected)}`)
  }

  /** Returns the key under which the value belongs. */
  #take(key: string, value: Uint8Array): string {
    const [kind = '', id = ''] = key.split(' ')
    switch (kind) {
      case 'account': {
        const address = parseAddress(id)
        this.#accounts.set(address, decode(accountCodec, value))
        return entryKey.account(address)
      }
      case 'chain':
        this.#chain = decode(chainCodec, value)
        return entryKey.chain
      case 'committee':
        this.#committees = decode(committeeEntryCodec, value)
        return entryKey.committee
      case 'head':
        this.#head = decode(headCodec, value)
        return entryKey.head
      case 'model': {
        const model = decode(modelCodec, value)
        this.#models.set(model.id, model)
        return entryKey.model(model.id)
      }
      case 'round': {
        const round = decode(roundCodec, value)
        this.#roundHeads.set(round.model, round)
        return entryKey.round(round.model)
      }
      case 'unbonding': {
        const unbonding = decode(unbondingCodec, value)
        this.#unbondings.set(unbondingKey(unbonding), unbonding)
        return entryKey.unbonding(unbondingKey(unbonding))
      }
      default: {
        const update = decode(updateCodec, value)
        if (!this.#updates.has(id)) this.#updates.set(id, [])
        this.#updates.get(id)!.push(update)
        return entryKey.update(id, update.trainer, update.unit)
      }
    }
  }

  finish(blockHash: Hash): LedgerState {
    const [chain, head, committees] = [this.#chain, this.#head, this.#committees]
    if (chain === undefined || head === undefined || committees === undefined)
      throw new Error('the entry of the chain, of its head or of its committees is missing')
    const [accounts, models, unbondings] = [this.#accounts, this.#models, this.#unbondings]
    const rounds = new Map<string, Round>()
    for (const [id, round] of this.#roundHeads) rounds.set(id, { ...round, updates: this.#updates.get(id) ?? [] })
    if (rounds.size !== models.size || [...models.keys()].some(id => !rounds.has(id)))
      throw new Error('a model has no round')
    if ([...this.#updates.keys()].some(id => !rounds.has(id))) throw new Error('an update has no round')
    if (chain.founders.some(founder => (accounts.get(founder)?.publicKey ?? null) === null))
      throw new Error('a founder has no account')
    const { next: committee, last: lastCommittee } = committees
    committeeOfMembers(committee)
    return { ...chain, ...head, blockHash, committee, lastCommittee, accounts, models, rounds, unbondings }
  }
}

/** Reads a byte sequence from its start, never beyond its end. */
class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** A copy, so that a value which is kept does not keep the whole snapshot. */
  take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new Error('it is cut short')
    this.#at += length
    // Not slice: that of a Buffer copies nothing.
    return new Uint8Array(this.#bytes.subarray(this.#at - length, this.#at))
  }

  uint32(): number {
    const [a, b, c, d] = this.take(4) as unknown as [number, number, number, number]
    return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
  }

  sized(max: number): Uint8Array {
    const length = this.uint32()
    if (length > max) throw new Error(`${length} bytes are more than ${max}`)
    return this.take(length)
  }

  /** One entry as it stands under the state root. */
  entry(): { key: string; value: Uint8Array } {
    const key = new TextDecoder().decode(this.sized(MAX_KEY_BYTES))
    return { key, value: this.sized(MAX_VALUE_BYTES) }
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new Error('there are bytes after its end')
  }
}
