import { makeCommittee } from '@hydraai/consensus'
import { type Address, concatBytes, decode, fromHex, type Hash, parseAddress, toHex, u32be, utf8 } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
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
  try {
    return build(new Reader(bytes))
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new LedgerError('STATE_INVALID', `this is no snapshot of a ledger's state: ${problem}`, { cause })
  }
}

function build(reader: Reader): LedgerState {
  if (toHex(reader.take(FORMAT.length)) !== toHex(FORMAT)) throw new Error('it begins otherwise')
  const blockHash = toHex(reader.take(32)) as Hash
  const accounts = new Map<Address, Account>()
  const models = new Map<string, Model>()
  const roundHeads = new Map<string, Omit<Round, 'updates'>>()
  const updates = new Map<string, Update[]>()
  const unbondings = new Map<string, Unbonding>()
  let chain: ChainEntry | undefined
  let head: HeadEntry | undefined
  let committees: CommitteeEntry | undefined
  const count = reader.uint32()
  let previous = ''
  for (let i = 0; i < count; i++) {
    const key = new TextDecoder().decode(reader.sized(MAX_KEY_BYTES))
    if (key <= previous) throw new Error(`the entry ${JSON.stringify(key)} is out of order`)
    previous = key
    const [kind = '', id = ''] = key.split(' ')
    const value = reader.sized(MAX_VALUE_BYTES)
    let expected: string
    if (kind === 'account') {
      const address = parseAddress(id)
      accounts.set(address, decode(accountCodec, value))
      expected = entryKey.account(address)
    } else if (kind === 'chain') {
      chain = decode(chainCodec, value)
      expected = entryKey.chain
    } else if (kind === 'committee') {
      committees = decode(committeeEntryCodec, value)
      expected = entryKey.committee
    } else if (kind === 'head') {
      head = decode(headCodec, value)
      expected = entryKey.head
    } else if (kind === 'model') {
      const model = decode(modelCodec, value)
      models.set(model.id, model)
      expected = entryKey.model(model.id)
    } else if (kind === 'round') {
      const round = decode(roundCodec, value)
      roundHeads.set(round.model, round)
      expected = entryKey.round(round.model)
    } else if (kind === 'unbonding') {
      const unbonding = decode(unbondingCodec, value)
      unbondings.set(unbondingKey(unbonding), unbonding)
      expected = entryKey.unbonding(unbondingKey(unbonding))
    } else {
      const update = decode(updateCodec, value)
      if (!updates.has(id)) updates.set(id, [])
      updates.get(id)!.push(update)
      expected = entryKey.update(id, update.trainer, update.unit)
    }
    if (key !== expected)
      throw new Error(`the entry ${JSON.stringify(key)} holds the value of ${JSON.stringify(expected)}`)
  }
  reader.end()
  if (chain === undefined || head === undefined || committees === undefined)
    throw new Error('the entry of the chain, of its head or of its committees is missing')
  const rounds = new Map<string, Round>()
  for (const [id, round] of roundHeads) rounds.set(id, { ...round, updates: updates.get(id) ?? [] })
  if (rounds.size !== models.size || [...models.keys()].some(id => !rounds.has(id)))
    throw new Error('a model has no round')
  if ([...updates.keys()].some(id => !rounds.has(id))) throw new Error('an update has no round')
  if (chain.founders.some(founder => (accounts.get(founder)?.publicKey ?? null) === null))
    throw new Error('a founder has no account')
  const { next: committee, last: lastCommittee } = committees
  makeCommittee(committee)
  return { ...chain, ...head, blockHash, committee, lastCommittee, accounts, models, rounds, unbondings }
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
    return this.#bytes.slice(this.#at - length, this.#at)
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

  end(): void {
    if (this.#at !== this.#bytes.length) throw new Error('there are bytes after its end')
  }
}
