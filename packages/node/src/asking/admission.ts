import { type Address, decode, type Hash, HydraError } from '@hydraai/core'
import { accountOf, type LedgerState } from '@hydraai/ledger'
import type { Debts } from './debts.ts'
import { FRESH_BLOCKS, hasValidRequest, MAX_ASK_BYTES, type SignedRequest, signedRequestCodec } from './protocol.ts'

/** Answers that are given at the same time, and to one asker. */
const MAX_ANSWERS = 2
/** Nonces remembered; with so many fresh ones no more questions are taken. */
const MAX_NONCES = 10_000
/** Askers who leave before the end so often within so many blocks get nothing for as long. */
const MAX_LEFT = 8
const LEFT_WITHIN_BLOCKS = 60
const MAX_TRACKED_ASKERS = 1_000

/** Who is answered. Every refusal is a HydraError whose code the asker is told. */
export class AskAdmission {
  readonly #self: Address
  readonly #debts: Debts
  /** Nonces of questions that are still fresh, with the height at which they no longer are. */
  readonly #nonces = new Map<Hash, number>()
  readonly #answering = new Set<Address>()
  readonly #left = new Map<Address, { count: number; since: number }>()

  constructor({ self, debts }: { self: Address; debts: Debts }) {
    this.#self = self
    this.#debts = debts
  }

  /** Takes the question in: its asker is being answered until {@link release}. */
  admit(bytes: Uint8Array, state: LedgerState): SignedRequest {
    const signed = parse(bytes)
    const { request, height } = signed
    if (request.chainId !== state.chainId) throw refusal('ASK_WRONG_CHAIN', 'the question is for another chain')
    if (request.server !== this.#self) throw refusal('ASK_WRONG_SERVER', 'the question is for another server')
    if (Math.abs(height - state.height) > FRESH_BLOCKS) throw refusal('ASK_STALE', 'the question is too old or too new')
    const { registered, publicKey, balance } = accountOf(state, request.asker)
    if (!registered || publicKey === null) throw refusal('ASKER_UNKNOWN', 'the asker is not registered')
    // Before anything is remembered of it: a stranger must not use up another's nonce or turn.
    if (!hasValidRequest(signed, publicKey)) throw refusal('ASK_FORGED', 'the question is not signed by its asker')
    const debt = this.#debts.against(request.asker, state.height)
    if (debt === 'overdue') throw refusal('ASKER_IN_DEBT', 'the asker has not paid for an earlier answer')
    if (debt === 'tooMany') throw refusal('PAYMENT_AWAITED', 'the asker has not paid for many answers yet')
    // What is owed is as good as spent.
    const due = BigInt(1 + this.#debts.owedBy(request.asker)) * state.parameters.fees.query
    if (balance < due) throw refusal('ASKER_POOR', 'the asker cannot pay')
    this.#checkPatience(request.asker, state.height)
    if (this.#answering.has(request.asker)) throw refusal('ASKER_BUSY', 'the asker is being answered already')
    if (this.#answering.size >= MAX_ANSWERS) throw refusal('SERVER_BUSY', 'enough questions are being answered')
    this.#remember(request.nonce, height, state.height)
    this.#answering.add(request.asker)
    return signed
  }

  release(asker: Address): void {
    this.#answering.delete(asker)
  }

  /** The asker went away when its answer had begun. */
  left(asker: Address, height: number): void {
    const known = this.#left.get(asker)
    const isOld = known === undefined || height - known.since > LEFT_WITHIN_BLOCKS
    this.#left.delete(asker)
    this.#left.set(asker, isOld ? { count: 1, since: height } : { ...known, count: known.count + 1 })
    const [oldest] = this.#left.keys()
    if (this.#left.size > MAX_TRACKED_ASKERS && oldest !== undefined) this.#left.delete(oldest)
  }

  #checkPatience(asker: Address, height: number): void {
    const left = this.#left.get(asker)
    if (left && left.count >= MAX_LEFT && height - left.since <= LEFT_WITHIN_BLOCKS)
      throw refusal('ASKER_LEAVES', 'the asker left too many answers unfinished')
  }

  #remember(nonce: Hash, height: number, now: number): void {
    for (const [known, until] of this.#nonces) {
      if (until >= now) break
      this.#nonces.delete(known)
    }
    if (this.#nonces.has(nonce)) throw refusal('ASK_REPLAYED', 'the question was put before')
    if (this.#nonces.size >= MAX_NONCES) throw refusal('SERVER_BUSY', 'too many questions were asked lately')
    // As long as a question of the newest height could be taken for fresh; so the oldest entries end first.
    this.#nonces.set(nonce, Math.max(height, now) + FRESH_BLOCKS)
  }
}

function parse(bytes: Uint8Array): SignedRequest {
  try {
    return decode(signedRequestCodec, bytes, { maxBytes: MAX_ASK_BYTES })
  } catch (cause) {
    throw new HydraError('ASK_MALFORMED', 'the question cannot be read', { cause })
  }
}

function refusal(code: string, message: string): HydraError {
  return new HydraError(code, message)
}
