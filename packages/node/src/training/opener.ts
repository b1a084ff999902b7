import { type Address, float32OfBits, segmentsOf } from '@hydraai/core'
import { type Duty, type LedgerState, opensDue, revealsDue } from '@hydraai/ledger'
import type { Journal } from '../journal.ts'
import type { Outbox } from '../mempool/outbox.ts'
import type { Logger } from '../ports.ts'
import { keyOf, unitKeyOf } from './activity.ts'
import type { FindingRecord } from './findingRecord.ts'
import type { FinishedUnit } from './finishedUnit.ts'
import type { RoundRecords } from './roundRecords.ts'

export interface OpenerParts {
  self: Address
  units: RoundRecords<FinishedUnit>
  findings: RoundRecords<FindingRecord>
  outbox: Outbox
  journal: Journal
  logger: Logger
}

/**
 * Answers for what this node's units have committed to: reveals them, and opens what they sealed. It also opens what others
 * sealed and did not open in time, where its own replay found it out: a trainer that vanished costs its verifiers nothing.
 */
export class Opener {
  readonly #parts: OpenerParts

  constructor(parts: OpenerParts) {
    this.#parts = parts
  }

  onState(state: LedgerState): void {
    void this.#answer(state).catch(error =>
      this.#parts.logger.warn('could not answer for a unit', { error: String(error) }),
    )
  }

  async #answer(state: LedgerState): Promise<void> {
    const { self } = this.#parts
    for (const duty of revealsDue(state, self)) await this.#reveal(duty)
    for (const duty of opensDue(state, self))
      if (duty.update.trainer === self) await this.#open(duty)
      else await this.#openInPlace(duty, state)
  }

  async #reveal(duty: Duty): Promise<void> {
    const key = keyOf(duty)
    const finished = await this.#parts.units.get(key)
    if (!finished) return
    const { payload, payloadBytes, traceRoot, residual } = finished
    const { model, round, unit } = key
    const revealed = { payload, payloadBytes, traceRoot, residual }
    this.#parts.outbox.sendFor(`reveal/${unitKeyOf(key)}`, { type: 'reveal', model, round, unit, ...revealed })
  }

  async #open(duty: Duty): Promise<void> {
    const key = keyOf(duty)
    const finished = await this.#parts.units.get(key)
    if (!finished) return
    const { lossBefore, lossAfter, keys, planted } = finished
    const claims = { lossBefore, lossAfter, keys, planted }
    const { outbox, journal } = this.#parts
    if (!outbox.sendFor(`open/${unitKeyOf(key)}`, { type: 'open', ...key, ...claims })) return
    const losses = [lossBefore, planted?.lossAfter ?? lossAfter].map(bits => float32OfBits(bits).toFixed(3))
    const plant = planted === null ? '' : ', after a false claim that finds out who copies'
    journal.write(
      'INFO',
      `Opened unit ${key.unit} of round ${key.round} of ${key.model}: ${losses.join(' → ')}${plant}`,
    )
  }

  /** A claim that was false on purpose is refused by the ledger: its seal is none of the truth. */
  async #openInPlace(duty: Duty, state: LedgerState): Promise<void> {
    const key = keyOf(duty)
    const found = (await this.#parts.findings.get(key))?.findings
    const replay = found?.replay
    if (!found || !replay || replay.keys.length !== segmentsOf(state.models.get(key.model)!.recipe)) return
    const { lossBefore, lossAfter } = found
    const claims = { lossBefore, lossAfter, keys: replay.keys, planted: null }
    this.#parts.outbox.sendFor(`open/${unitKeyOf(key)}`, { type: 'open', ...key, ...claims })
  }
}
