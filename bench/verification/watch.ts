import type { Block, LedgerEvent } from '@hydraai/ledger'
import { transactionBytes } from '@hydraai/ledger'
import { quantile } from '../ledger/figure.ts'

/** Transactions that would not be there if nobody's units were checked. */
const VERIFICATION = new Set(['verdict', 'open', 'disclose', 'pick', 'narrow'])

/** What blocks tell of the rounds of one network, over a stretch of them. */
export class Watch {
  blocks = 0
  rounds = 0
  committed = 0
  revealed = 0
  accepted = 0
  /** Decided, and not accepted. */
  lost = 0
  disputes = 0
  /** Verdicts that were drawn, and given. */
  verdicts = 0
  given = 0
  /** Units that somebody was drawn to replay; and such that others replayed because they looked suspicious. */
  audited = 0
  suspected = 0
  /** Replays, in whole units. */
  replays = 0
  /** Seconds from the block with a unit's commitment to the block with its reward. */
  readonly waits: number[] = []
  /** Blocks between the last block of work of a round and the opening of the next. */
  readonly gaps: number[] = []
  /** Of transactions. */
  readonly bytes = { verification: 0, otherTransactions: 0 }
  readonly #times = new Map<string, number>()
  readonly #segments: number
  #workEnded: number | null = null

  /** `segments`: of a whole unit. */
  constructor(segments: number) {
    this.#segments = segments
  }

  onBlock({ block, events }: { readonly block: Block; readonly events: readonly LedgerEvent[] }): void {
    this.blocks++
    for (const transaction of block.transactions) {
      const length = transactionBytes(transaction).length
      if (VERIFICATION.has(transaction.action.type)) this.bytes.verification += length
      else this.bytes.otherTransactions += length
    }
    const { height, time } = block.header
    for (const event of events) {
      if (event.type === 'commit') {
        this.committed++
        this.#times.set(nameOf(event, event.account), time)
      } else if (event.type === 'unit-reward') {
        const began = this.#times.get(nameOf(event, event.account))
        if (began !== undefined) this.waits.push((time - began) / 1_000)
      } else if (event.type === 'reveal') this.revealed++
      else if (event.type === 'dispute') this.disputes++
      else if (event.type === 'model') this.rounds++
      else if (event.type === 'phase' && event.phase === 'reveal') this.#workEnded = height
      else if (event.type === 'phase' && event.phase === 'work' && this.#workEnded !== null) {
        this.gaps.push(height - this.#workEnded)
        this.#workEnded = null
      } else if (event.type === 'update' && event.outcome !== 'disputed') this.#onUpdate(event)
    }
  }

  #onUpdate({ outcome, verdicts, audit }: Extract<LedgerEvent, { type: 'update' }>): void {
    if (outcome === 'accepted') this.accepted++
    else this.lost++
    this.verdicts += verdicts.length
    this.given += verdicts.filter(({ judgement }) => judgement !== 'silent').length
    if (audit !== null) this.audited++
    if (verdicts.filter(({ segments }) => segments > 0).length > (audit?.auditors ?? 0)) this.suspected++
    this.replays += verdicts.reduce((sum, verdict) => sum + verdict.segments, 0) / this.#segments
  }

  get waitSeconds(): { readonly median: number; readonly worst: number } {
    return { median: quantile(this.waits, 0.5), worst: quantile(this.waits, 1) }
  }
}

function nameOf({ model, round, unit }: { model: string; round: number; unit: number }, trainer: string): string {
  return `${model}/${round}/${trainer}/${unit}`
}
