import { type Commit, type Committee, voteSignBytes } from '@hydraai/consensus'
import { type Hash, verifySignature } from '@hydraai/core'
import {
  applyBlock,
  type Block,
  blockHash,
  committeeOf,
  type Genesis,
  genesisState,
  type LedgerState,
  stateRoot,
} from '@hydraai/ledger'
import { Violation } from '../violation.ts'

/** The ledger computed apart from every node: what was committed must be valid here too. */
export class Replica {
  #state: LedgerState

  constructor(genesis: Genesis) {
    this.#state = genesisState(genesis)
  }

  get state(): LedgerState {
    return this.#state
  }

  /** @throws Violation if the block may not follow, or was not decided by those who may */
  follow(block: Block, commit: Commit): void {
    const { height } = block.header
    // A state of its own: where answers are remembered by their question, this one is asked anew.
    const before = { ...this.#state }
    if (height !== before.height + 1) return
    assertQuorum(before.chainId, committeeOf(before), commit, blockHash(block.header))
    try {
      this.#state = applyBlock(before, block).state
    } catch (error) {
      throw new Violation('validity', `block ${height} was committed and is not valid: ${String(error)}`)
    }
    if (stateRoot(this.#state) !== block.header.state)
      throw new Violation('validity', `block ${height} names another state than it leads to`)
    assertSupply(this.#state)
  }
}

/** Counted anew, signature by signature: more than two thirds of the power of that height's committee said so. */
function assertQuorum(chainId: string, committee: Committee, commit: Commit, hash: Hash): void {
  const { height, round, valueId } = commit
  const signers = new Map(commit.precommits.map(({ validator, signature }) => [validator, signature]))
  let [power, total] = [0n, 0n]
  for (const { address: validator, publicKey, power: weight } of committee.validators) {
    total += BigInt(weight)
    const signature = signers.get(validator)
    const signed = voteSignBytes(chainId, { type: 'precommit', height, round, valueId, validator })
    if (signature !== undefined && verifySignature(publicKey, signed, signature)) power += BigInt(weight)
  }
  if (valueId !== hash) throw new Violation('quorum', `the commit of block ${height} is for another block`)
  if (3n * power <= 2n * total)
    throw new Violation('quorum', `block ${height} was committed with ${power} of ${total} of the voting power`)
}

/** All that is held anywhere is all that was ever minted less what was burnt. */
function assertSupply(state: LedgerState): void {
  let held = 0n
  for (const { balance, stake } of state.accounts.values()) {
    if (balance < 0n || stake < 0n)
      throw new Violation('supply', `after block ${state.height} somebody holds less than nothing`)
    held += balance + stake
  }
  for (const { amount } of state.unbondings.values()) held += amount
  if (held !== state.minted - state.burnt)
    throw new Violation(
      'supply',
      `after block ${state.height} ${held} are held and ${state.minted - state.burnt} were made`,
    )
}
