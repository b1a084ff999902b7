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
  disputeCodec,
  type HeadEntry,
  headCodec,
  modelCodec,
  residualCodec,
  roundCodec,
  unbondingCodec,
  updateCodec,
} from './codec.ts'
import { disputeKey } from './disputeKey.ts'
import { entriesOf, entryKey } from './entries.ts'
import { residualKey } from './residual.ts'
import type { Account, Dispute, LedgerState, Model, Residual, Round, Unbonding, Update } from './types.ts'
import { unbondingKey } from './unbonding.ts'

const FORMAT = utf8('hydra-state/3\n')
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
  readonly #rounds = new RoundsBuilder()
  readonly #settling = new RoundsBuilder()
  readonly #residuals = new Map<string, Residual>()
  readonly #disputes = new Map<string, Dispute>()
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
      case 'dispute': {
        const dispute = decode(disputeCodec, value)
        const { model, round, update } = dispute
        const key = disputeKey({ model, round, ...update })
        this.#disputes.set(key, dispute)
        return entryKey.dispute(key)
      }
      case 'head':
        this.#head = decode(headCodec, value)
        return entryKey.head
      case 'model': {
        const model = decode(modelCodec, value)
        this.#models.set(model.id, model)
        return entryKey.model(model.id)
      }
      case 'residual': {
        const residual = decode(residualCodec, value)
        const key = residualKey(residual)
        this.#residuals.set(key, residual)
        return entryKey.residual(key)
      }
      case 'round':
        return entryKey.round(this.#rounds.addRound(value))
      case 'settling':
        return entryKey.settling(this.#settling.addRound(value))
      case 'settling-update':
        return entryKey.settlingUpdate(id, this.#settling.addUpdate(id, value))
      case 'unbonding': {
        const unbonding = decode(unbondingCodec, value)
        this.#unbondings.set(unbondingKey(unbonding), unbonding)
        return entryKey.unbonding(unbondingKey(unbonding))
      }
      default:
        return entryKey.update(id, this.#rounds.addUpdate(id, value))
    }
  }

  finish(blockHash: Hash): LedgerState {
    const [chain, head, committees] = [this.#chain, this.#head, this.#committees]
    if (chain === undefined || head === undefined || committees === undefined)
      throw new Error('the entry of the chain, of its head or of its committees is missing')
    const [accounts, models, unbondings] = [this.#accounts, this.#models, this.#unbondings]
    const [rounds, settling] = [this.#rounds.finish(), this.#settling.finish()]
    if (rounds.size !== models.size || [...models.keys()].some(id => !rounds.has(id)))
      throw new Error('a model has no round')
    if ([...settling.keys()].some(id => !models.has(id))) throw new Error('a round that settles has no model')
    if (chain.founders.some(founder => (accounts.get(founder)?.publicKey ?? null) === null))
      throw new Error('a founder has no account')
    const { next: committee, last: lastCommittee } = committees
    committeeOfMembers(committee)
    const tables = {
      accounts,
      models,
      rounds,
      settling,
      residuals: this.#residuals,
      disputes: this.#disputes,
      unbondings,
    }
    return { ...chain, ...head, blockHash, committee, lastCommittee, ...tables }
  }
}

/** Puts rounds together with their updates. */
class RoundsBuilder {
  readonly #heads = new Map<string, Omit<Round, 'updates'>>()
  readonly #updates = new Map<string, Update[]>()

  /** Returns its model. */
  addRound(value: Uint8Array): string {
    const round = decode(roundCodec, value)
    this.#heads.set(round.model, round)
    return round.model
  }

  addUpdate(model: string, value: Uint8Array): Update {
    const update = decode(updateCodec, value)
    if (!this.#updates.has(model)) this.#updates.set(model, [])
    this.#updates.get(model)!.push(update)
    return update
  }

  finish(): Map<string, Round> {
    if ([...this.#updates.keys()].some(model => !this.#heads.has(model))) throw new Error('an update has no round')
    const rounds = new Map<string, Round>()
    for (const [model, head] of this.#heads) rounds.set(model, { ...head, updates: this.#updates.get(model) ?? [] })
    return rounds
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
