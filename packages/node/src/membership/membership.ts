import { formatAmount, type Hash, type KeyPair, type Micro, utf8 } from '@hydraai/core'
import { type Account, type Action, accountOf, checkAction, type LedgerState } from '@hydraai/ledger'
import type { KeyValueStore } from '@hydraai/storage'
import type { Journal } from '../journal.ts'
import type { Outbox } from '../mempool/outbox.ts'
import type { Logger } from '../ports.ts'
import { type MembershipStatus, membershipOf, whyLeft } from './status.ts'

/** Kept free when the first stake is bonded, for fees. */
const RESERVE: Micro = 50_000n
/** Its owner took the stake back: it is not bonded again by itself. */
const WITHDRAWN_KEY = 'membership/withdrawn'

export interface MembershipParts {
  keys: KeyPair
  /** Bond the first stake once it is earned. */
  stakes: boolean
  outbox: Outbox
  db: KeyValueStore
  journal: Journal
  logger: Logger
  state: () => LedgerState
}

/** This node's part in deciding blocks: bonds the first stake, shows itself, and tells when it votes and when not. */
export class Membership {
  readonly #parts: MembershipParts
  /** Null until it is read. */
  #withdrawn: boolean | null = null
  /** Whether it voted when it last looked; null before it did. */
  #votes: boolean | null = null

  constructor(parts: MembershipParts) {
    this.#parts = parts
  }

  /** Reads what was kept; before that nothing is staked. */
  async load(): Promise<void> {
    this.#withdrawn = (await this.#parts.db.get(WITHDRAWN_KEY)) !== undefined
  }

  get status(): MembershipStatus {
    return membershipOf(this.#parts.state(), this.#parts.keys.address)
  }

  /** Puts more at stake. Answers the transaction's id. @throws HydraError what the ledger or the mempool refuses it with */
  stake(amount: Micro): Hash {
    return this.#send({ type: 'stake', amount })
  }

  /** Takes stake back: all of it, or so much that the least stake stays. It is free once it can no longer be lost. */
  unstake(amount: Micro): Hash {
    return this.#send({ type: 'unstake', amount })
  }

  /** After every block, while the node keeps up. */
  onState(state: LedgerState): void {
    const { address } = this.#parts.keys
    const account = accountOf(state, address)
    const status = membershipOf(state, address)
    this.#tell(state, status)
    this.#noteWithdrawal(state, status)
    if (account.stake < state.parameters.minimumStake) this.#bondFirst(state, account)
    else this.#showPresence(state, account)
  }

  #send(action: Action): Hash {
    const { keys, outbox, state } = this.#parts
    checkAction(state(), keys.publicKey, action)
    return outbox.send(action)
  }

  #bondFirst({ parameters }: LedgerState, { registered, slashed, balance, stake }: Account): void {
    const { stakes, outbox, journal } = this.#parts
    const { minimumStake } = parameters
    if (!stakes || !registered || slashed || this.#withdrawn !== false || balance < minimumStake + RESERVE) return
    if (outbox.sendFor('stake', { type: 'stake', amount: minimumStake - stake }))
      journal.write(
        'INFO',
        `Staking ${formatAmount(minimumStake - stake)} HYDRA: this node may verify the work of others, and be drawn to decide blocks`,
      )
  }

  /** Votes and training show that a staker is there; one that does neither for an epoch says so. */
  #showPresence({ parameters, height }: LedgerState, { slashed, lastActive }: Account): void {
    if (slashed || lastActive + parameters.epochBlocks > height + 1) return
    if (this.#parts.outbox.sendFor('presence', { type: 'presence' }))
      this.#parts.journal.write('INFO', 'Showing that this node is here, so that it can be drawn to decide blocks')
  }

  #tell(state: LedgerState, status: MembershipStatus): void {
    const { inCommittee, epoch, power } = status
    const before = this.#votes
    this.#votes = inCommittee
    // The first look at a running chain tells nothing new.
    if (before === null || before === inCommittee) return
    const { journal } = this.#parts
    if (inCommittee) {
      const total = state.committee.reduce((sum, member) => sum + member.power, 0)
      const share = Math.round((1_000 * power) / total) / 10
      journal.write('INFO', `This node decides blocks in epoch ${epoch}: it was drawn, with ${share} % of the votes`)
    } else {
      journal.write('INFO', `This node decides no blocks in epoch ${epoch}: ${whyLeft(state, status)}`)
    }
  }

  /** Told by the state, so that it is known whoever took the stake back, and remembered when all is free. */
  #noteWithdrawal({ parameters }: LedgerState, { stake, unbonding }: MembershipStatus): void {
    const isIn = stake >= parameters.minimumStake
    const withdrawn = isIn ? false : unbonding.length > 0 || this.#withdrawn
    if (this.#withdrawn === null || withdrawn === null || withdrawn === this.#withdrawn) return
    this.#withdrawn = withdrawn
    const { db, logger } = this.#parts
    db.batch(
      [withdrawn ? { type: 'put', key: WITHDRAWN_KEY, value: utf8('1') } : { type: 'del', key: WITHDRAWN_KEY }],
      { sync: false },
    ).catch(error => logger.warn('a withdrawal was not noted', { error: String(error) }))
  }
}
