import { type Address, decode, encode, type Hash, HydraError, type PublicKey, taggedHash, utf8 } from '@hydraai/core'
import { checkAction, type LedgerEvidence, type LedgerState, ledgerEvidenceCodec } from '@hydraai/ledger'
import type { KeyValueStore } from '@hydraai/storage'
import type { Journal } from '../journal.ts'
import type { Outbox } from '../mempool/outbox.ts'
import type { Logger } from '../ports.ts'

const PREFIX = 'evidence/'
/** Cases at the same time. Each costs its culprit the stake, so there is little reason for many. */
const MAX_OPEN = 64

export interface EvidenceDeskParts {
  publicKey: PublicKey
  db: KeyValueStore
  outbox: Outbox
  journal: Journal
  logger: Logger
  nameOf: (address: Address) => string
  state: () => LedgerState
}

/**
 * Brings evidence of broken rules to the ledger. It is on disk before it is sent, sent once, sent again after it got
 * lost, and given up when the ledger has punished the guilty, whoever showed it, or it has become too old.
 */
export class EvidenceDesk {
  readonly #parts: EvidenceDeskParts
  readonly #open = new Map<Hash, LedgerEvidence>()

  constructor(parts: EvidenceDeskParts) {
    this.#parts = parts
  }

  /** Takes up what was open when the node stopped. */
  async load(): Promise<void> {
    for await (const [key, value] of this.#parts.db.range({ gte: PREFIX, lt: `${PREFIX}~`, limit: MAX_OPEN }))
      this.#open.set(key.slice(PREFIX.length) as Hash, decode(ledgerEvidenceCodec, value))
  }

  get open(): number {
    return this.#open.size
  }

  /** Evidence this node found or was shown. What the ledger would refuse anyway is not taken. */
  report(evidence: LedgerEvidence): void {
    const id = caseOf(evidence)
    if (this.#open.has(id) || this.#open.size >= MAX_OPEN || this.#isSettled(evidence)) return
    const { journal, db, logger } = this.#parts
    journal.write('WARN', `${this.#describe(evidence)}; the evidence goes to the ledger`)
    this.#open.set(id, evidence)
    db.batch([{ type: 'put', key: PREFIX + id, value: encode(ledgerEvidenceCodec, evidence) }], { sync: true })
      .catch(error => logger.warn('evidence could not be kept on disk', { error: String(error) }))
      .finally(() => this.#send(id, evidence))
  }

  /** After every block. */
  onState(): void {
    for (const [id, evidence] of [...this.#open]) {
      if (this.#isSettled(evidence)) this.#close(id)
      else this.#send(id, evidence)
    }
  }

  #send(id: Hash, evidence: LedgerEvidence): void {
    if (this.#open.has(id)) this.#parts.outbox.sendFor(`evidence/${id}`, { type: 'evidence', evidence })
  }

  #close(id: Hash): void {
    this.#open.delete(id)
    this.#parts.db
      .batch([{ type: 'del', key: PREFIX + id }], { sync: false })
      .catch(error => this.#parts.logger.debug('evidence stays on disk', { error: String(error) }))
  }

  /** Evidence of a height that this chain has not reached may become good; what is refused later never does. */
  #isSettled(evidence: LedgerEvidence): boolean {
    const state = this.#parts.state()
    try {
      checkAction(state, this.#parts.publicKey, { type: 'evidence', evidence })
      return false
    } catch (error) {
      if (!(error instanceof HydraError)) throw error
      return heightOf(evidence) <= state.height + 1
    }
  }

  #describe(evidence: LedgerEvidence): string {
    if (evidence.type === 'duplicate-vote')
      return `${this.#parts.nameOf(evidence.a.validator)} signed two conflicting votes`
    const count = evidence.commit.precommits.length
    return `${count === 1 ? 'A validator' : `${count} validators`} signed a block #${evidence.header.height} that never was`
  }
}

function heightOf(evidence: LedgerEvidence): number {
  return evidence.type === 'duplicate-vote' ? evidence.a.height : evidence.header.height
}

/** One case for each culprit and height, or for each false header, however many proofs of it there are. */
function caseOf(evidence: LedgerEvidence): Hash {
  const what =
    evidence.type === 'duplicate-vote'
      ? `${evidence.a.validator} ${evidence.a.height}`
      : `${evidence.commit.valueId} ${evidence.header.height}`
  return taggedHash(`hydra/evidence-case/${evidence.type}`, utf8(what))
}
