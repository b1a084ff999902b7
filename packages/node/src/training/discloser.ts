import type { Address } from '@hydraai/core'
import { type DisclosureDue, disclosuresDue, type LedgerState } from '@hydraai/ledger'
import type { Outbox } from '../mempool/outbox.ts'
import type { Logger } from '../ports.ts'
import { keyOf, unitKeyOf } from './activity.ts'
import type { Challenges } from './challenges.ts'
import type { FindingRecord } from './findingRecord.ts'
import type { RoundRecords } from './roundRecords.ts'
import { sourceOf } from './unitJobs.ts'

export interface DiscloserParts {
  self: Address
  findings: RoundRecords<FindingRecord>
  challenges: Challenges
  outbox: Outbox
  logger: Logger
}

/** Shows what this node's verdicts were made of, when all of them are in. It needs only what is on its disk. */
export class Discloser {
  readonly #parts: DiscloserParts
  readonly #running = new Set<string>()

  constructor(parts: DiscloserParts) {
    this.#parts = parts
  }

  onState(state: LedgerState): void {
    for (const duty of disclosuresDue(state, this.#parts.self)) {
      const key = unitKeyOf(keyOf(duty))
      if (this.#running.has(key)) continue
      this.#running.add(key)
      void this.#disclose(duty, state)
        .catch(error => this.#parts.logger.warn('could not disclose a verdict', { unit: key, error: String(error) }))
        .finally(() => this.#running.delete(key))
    }
  }

  async #disclose(duty: DisclosureDue, state: LedgerState): Promise<void> {
    const { findings: records, challenges, outbox } = this.#parts
    const key = keyOf(duty)
    const record = await records.get(key)
    if (!record) return
    const { payload: id, payloadBytes: bytes } = duty.update.reveal
    const challenge = await challenges.of(sourceOf(duty), state.models.get(key.model)!, { id, bytes }, record)
    const { findings, salt } = record
    outbox.sendFor(`disclose/${unitKeyOf(key)}`, { type: 'disclose', ...key, findings, salt, challenge })
  }
}
