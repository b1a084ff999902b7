import type { Validator } from '@hydraai/consensus'
import type { Address, Hash, Micro } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import type { LedgerEvent } from '../events.ts'
import type { ChainParameters } from '../genesis/parameters.ts'
import { emptyAccount } from './account.ts'
import type { Origin } from './origin.ts'
import { Overlay } from './overlay.ts'
import { withWrites } from './sortedTable.ts'
import type { Account, Dispute, LedgerState, Model, Residual, Round, Unbonding } from './types.ts'

/** The block that is being applied. */
export interface BlockContext {
  readonly chainId: string
  readonly parameters: ChainParameters
  readonly founders: readonly Address[]
  readonly height: number
  readonly time: number
  readonly beacon: Hash
  /** Who is paid the tips; null when it is only tried out whether something applies. */
  readonly proposer: Address | null
  /** Peaks over the hashes of all blocks before this one. */
  readonly history: readonly Hash[]
}

/**
 * The state while a block is applied to it: reads fall through to the state below, writes stay here. `attempt` runs a
 * step that may fail half way and keeps nothing of it if it does.
 */
export class Draft {
  readonly block: BlockContext
  readonly accounts: Overlay<Address, Account>
  readonly models: Overlay<string, Model>
  readonly rounds: Overlay<string, Round>
  readonly settling: Overlay<string, Round>
  readonly residuals: Overlay<string, Residual>
  readonly disputes: Overlay<string, Dispute>
  readonly unbondings: Overlay<string, Unbonding>
  readonly events: LedgerEvent[] = []
  /** Who decides the next block. */
  committee: readonly Validator[]
  totalDrawPower: Micro
  minted: Micro
  burnt: Micro
  readonly #base: LedgerState
  readonly #under: LedgerState | Draft

  private constructor(base: LedgerState, block: BlockContext, under: LedgerState | Draft) {
    this.#base = base
    this.#under = under
    this.block = block
    this.accounts = new Overlay(under.accounts)
    this.models = new Overlay(under.models)
    this.rounds = new Overlay(under.rounds)
    this.settling = new Overlay(under.settling)
    this.residuals = new Overlay(under.residuals)
    this.disputes = new Overlay(under.disputes)
    this.unbondings = new Overlay(under.unbondings)
    this.committee = under.committee
    this.totalDrawPower = under.totalDrawPower
    this.minted = under.minted
    this.burnt = under.burnt
  }

  static over(state: LedgerState, block: BlockContext): Draft {
    return new Draft(state, block, state)
  }

  /** Runs `step` on a draft of its own, and takes over what it did only if it does not throw. */
  attempt(step: (draft: Draft) => void): void {
    const inner = new Draft(this.#base, this.block, this)
    step(inner)
    inner.accounts.handDown(this.accounts)
    inner.models.handDown(this.models)
    inner.rounds.handDown(this.rounds)
    inner.settling.handDown(this.settling)
    inner.residuals.handDown(this.residuals)
    inner.disputes.handDown(this.disputes)
    inner.unbondings.handDown(this.unbondings)
    this.committee = inner.committee
    this.minted = inner.minted
    this.burnt = inner.burnt
    for (const event of inner.events) this.events.push(event)
  }

  account(address: Address): Account {
    return this.accounts.get(address) ?? emptyAccount
  }

  updateAccount(address: Address, change: Partial<Account>): void {
    this.accounts.set(address, { ...this.account(address), ...change })
  }

  /** The open round of a model. @throws LedgerError MODEL_UNKNOWN */
  round(model: string): Round {
    const round = this.rounds.get(model)
    if (round === undefined)
      throw new LedgerError('MODEL_UNKNOWN', `there is no model ${JSON.stringify(model)} on this chain`)
    return round
  }

  /** A model. @throws LedgerError MODEL_UNKNOWN */
  model(id: string): Model {
    const model = this.models.get(id)
    if (model === undefined)
      throw new LedgerError('MODEL_UNKNOWN', `there is no model ${JSON.stringify(id)} on this chain`)
    return model
  }

  /** How many models there are now. */
  get modelCount(): number {
    const written = (draft: Draft | LedgerState): number => {
      if (!(draft instanceof Draft)) return draft.models.size
      let count = written(draft.#under)
      for (const [id, model] of draft.models.writes)
        count += Number(model !== undefined) - Number(draft.#under.models.get(id) !== undefined)
      return count
    }
    return written(this)
  }

  /** The models there were when the block began. */
  modelIds(): string[] {
    return [...this.#base.models.keys()]
  }

  /** What was written over the state below. Only for a draft that lies directly on a state. */
  get origin(): Origin {
    return { parent: this.#base, accounts: this.accounts.writes, unbondings: this.unbondings.writes }
  }

  /** What the state after the block holds. Only for a draft that lies directly on a state. */
  tables(): Pick<
    LedgerState,
    | 'accounts'
    | 'models'
    | 'rounds'
    | 'settling'
    | 'residuals'
    | 'disputes'
    | 'unbondings'
    | 'committee'
    | 'totalDrawPower'
    | 'minted'
    | 'burnt'
  > {
    return {
      accounts: withWrites(this.#base.accounts, this.accounts.writes),
      models: withWrites(this.#base.models, this.models.writes),
      rounds: withWrites(this.#base.rounds, this.rounds.writes),
      settling: withWrites(this.#base.settling, this.settling.writes),
      residuals: withWrites(this.#base.residuals, this.residuals.writes),
      disputes: withWrites(this.#base.disputes, this.disputes.writes),
      unbondings: withWrites(this.#base.unbondings, this.unbondings.writes),
      committee: this.committee,
      totalDrawPower: this.totalDrawPower,
      minted: this.minted,
      burnt: this.burnt,
    }
  }
}
