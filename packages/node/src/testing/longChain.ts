import { type Commit, makeCommit, proposerOf, voteSignBytes } from '@hydraai/consensus'
import { type Address, type Hash, type KeyPair, keyPairFromSeed, sha256, utf8 } from '@hydraai/core'
import { ENGINE_SHA256 } from '@hydraai/engine'
import {
  type Action,
  type Block,
  beaconAlpha,
  buildBlock,
  type ChainParameters,
  committeeOf,
  DEFAULT_PARAMETERS,
  type Genesis,
  genesisState,
  type LedgerState,
  noteSignature,
  type SignedTransaction,
  signTransaction,
} from '@hydraai/ledger'

const TIME = 1_767_225_600_000
const STAKE = 10_000_000n
const CHAIN_ID = 'hydra-10c4a1b5'
/** Enough for all that one of the accounts sends. */
const FUNDS = 1_000n

export interface LongChain {
  readonly genesis: Genesis
  /** Each with its commit; the first few only give the accounts their money. */
  readonly blocks: readonly { readonly block: Block; readonly commit: Commit }[]
  /** The founders' keys, to go on with. */
  readonly validators: readonly KeyPair[]
  /** After the last block. */
  readonly state: LedgerState
}

/**
 * A chain as a network that never failed would have made it, for benchmarks and tests of sync: `blocks` blocks with
 * `transactions` transfers each among `accounts` accounts, committed by all of `validators`. There is no model on it.
 */
export function buildLongChain(options: {
  blocks: number
  transactions: number
  validators: number
  accounts?: number
  /** Of the genesis. A light client believes nothing from a genesis that is days old. */
  time?: number
  parameters?: Partial<ChainParameters>
}): LongChain {
  const { transactions, accounts = Math.min(1_000, Math.max(1, transactions * 10)) } = options
  const validators = keysOf('validator', options.validators)
  const people = transactions === 0 ? [] : keysOf('person', accounts)
  const genesis = genesisOf(validators, options.time ?? TIME, { registrationDifficulty: 0, ...options.parameters })
  const builder = new Builder(genesis, validators)
  // A proposer is paid for its block in the next one: the first block, at least, comes before there is any money.
  for (let paid = 0; paid < people.length; ) {
    const [rich] = builder.founders.filter(founder => builder.balance(founder) > FUNDS)
    const count = rich ? Math.min(500, people.length - paid, Number(builder.balance(rich) / FUNDS)) : 0
    const receivers = people.slice(paid, paid + count)
    builder.add(receivers.map(({ address }) => builder.transfer(rich!, address, FUNDS)))
    paid += count
  }
  for (let number = 0; number < options.blocks; number++) {
    const sent = Array.from({ length: transactions }, (_, i) => {
      const at = number * transactions + i
      const to = people[(at * 7 + 1) % people.length]!
      const from = people[at % people.length]!
      return builder.transfer(from, to === from ? validators[0]!.address : to.address, 1n)
    })
    builder.add(sent)
  }
  return { genesis, blocks: builder.blocks, validators, state: builder.state }
}

function genesisOf(validators: readonly KeyPair[], time: number, parameters: Partial<ChainParameters>): Genesis {
  return {
    format: 'hydra-genesis/1',
    chainId: CHAIN_ID,
    time,
    engine: ENGINE_SHA256,
    parameters: { ...DEFAULT_PARAMETERS, ...parameters },
    validators: validators.map(({ publicKey }, i) => ({ name: `founder${i}`, publicKey, stake: STAKE })),
    models: [],
  }
}

function keysOf(what: string, count: number): KeyPair[] {
  return Array.from({ length: count }, (_, i) => keyPairFromSeed(sha256(utf8(`${what} ${i} of a long chain`))))
}

class Builder {
  readonly founders: readonly KeyPair[]
  readonly blocks: { block: Block; commit: Commit }[] = []
  state: LedgerState
  readonly #nonces = new Map<Address, number>()
  readonly #byAddress: ReadonlyMap<Address, KeyPair>

  constructor(genesis: Genesis, founders: readonly KeyPair[]) {
    this.founders = founders
    this.state = genesisState(genesis)
    this.#byAddress = new Map(founders.map(keys => [keys.address, keys]))
  }

  balance({ address }: KeyPair): bigint {
    return this.state.accounts.get(address)?.balance ?? 0n
  }

  transfer(from: KeyPair, to: Address, amount: bigint): SignedTransaction {
    return this.#sign(from, { type: 'transfer', to, amount, memo: '' })
  }

  add(transactions: readonly SignedTransaction[]): void {
    const { state } = this
    const committee = committeeOf(state)
    const height = state.height + 1
    const proposer = this.#byAddress.get(proposerOf(committee, height, 0).address)!
    const built = buildBlock(state, {
      proposer: proposer.address,
      beaconProof: proposer.prove(beaconAlpha(state)),
      time: state.time + state.parameters.blockIntervalMs,
      transactions,
      results: [],
      lastCommit: this.blocks.at(-1)?.commit ?? null,
    })
    const [refused] = built.refused
    if (refused) throw refused.error
    if (built.block.transactions.length !== transactions.length)
      throw new Error('not all transactions fit into a block')
    this.state = built.state
    this.blocks.push({ block: built.block, commit: this.#commit(height, built.state.blockHash) })
  }

  #commit(height: number, valueId: Hash): Commit {
    const precommits = committeeOf(this.state).validators.map(({ address: validator }) => {
      const vote = { type: 'precommit' as const, height, round: 0, valueId, validator }
      return { ...vote, signature: this.#byAddress.get(validator)!.sign(voteSignBytes(CHAIN_ID, vote)) }
    })
    return makeCommit(height, 0, valueId, precommits)
  }

  /** Its own signature needs no check, which halves the time that the chain takes to build. */
  #sign(keys: KeyPair, action: Action): SignedTransaction {
    const nonce = this.#nonces.get(keys.address) ?? 0
    this.#nonces.set(keys.address, nonce + 1)
    const transaction = signTransaction(keys, { chainId: CHAIN_ID, nonce, action })
    noteSignature(transaction, true)
    return transaction
  }
}
