import {
  type Proposal,
  proposalSignBytes,
  type SignedProposal,
  type SignedVote,
  type Vote,
  voteSignBytes,
} from '@hydraai/consensus'
import { type Address, equalBytes, HydraError, type KeyPair, type Signature, type VrfProof } from '@hydraai/core'
import type { SignerStore } from '@hydraai/storage'
import { type Payload, payloadSignBytes } from './messages.ts'

/** Order of what one validator may sign in a round. */
const STEPS = ['propose', 'prevote', 'precommit'] as const
type Step = (typeof STEPS)[number]

/**
 * Signs consensus messages and never two that conflict. What it signed last is on disk before the signature leaves, and
 * it refuses to go back in (height, round, step). Asked again for the very same bytes it answers with the same signature.
 */
export class Signer {
  readonly #chainId: string
  readonly #keys: KeyPair
  readonly #store: SignerStore
  #last: Awaited<ReturnType<SignerStore['load']>>
  /** Requests are answered one after the other: each sees what the one before has signed. */
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(
    chainId: string,
    keys: KeyPair,
    store: SignerStore,
    last: Awaited<ReturnType<SignerStore['load']>>,
  ) {
    this.#chainId = chainId
    this.#keys = keys
    this.#store = store
    this.#last = last
  }

  static async open(chainId: string, keys: KeyPair, store: SignerStore): Promise<Signer> {
    return new Signer(chainId, keys, store, await store.load())
  }

  get address(): Address {
    return this.#keys.address
  }

  /** Whether anything is known to have been signed with this key. */
  get hasSigned(): boolean {
    return this.#last !== undefined
  }

  async signVote(vote: Vote): Promise<SignedVote> {
    const bytes = voteSignBytes(this.#chainId, vote)
    return { ...vote, signature: await this.#sign(vote.height, vote.round, vote.type, bytes) }
  }

  async signProposal(proposal: Proposal): Promise<SignedProposal> {
    const bytes = proposalSignBytes(this.#chainId, proposal)
    return { ...proposal, signature: await this.#sign(proposal.height, proposal.round, 'propose', bytes) }
  }

  /** The key's one VRF output for these bytes, proved: nothing that could conflict, so nothing is remembered. */
  prove(alpha: Uint8Array): VrfProof {
    return this.#keys.prove(alpha)
  }

  /** How the block of an own proposal is cut up: nobody votes on it, and the same block is always cut up the same way. */
  signPayload(proposal: SignedProposal, payload: Omit<Payload, 'signature'>): Payload {
    return { ...payload, signature: this.#keys.sign(payloadSignBytes(this.#chainId, proposal, payload)) }
  }

  /**
   * Whether a message with this key's good signature was signed elsewhere: it is beyond all that was signed here, or says
   * something else than the last. Of earlier steps nothing is remembered, and nothing told.
   */
  isForeign(signed: SignedVote | SignedProposal): boolean {
    const known = this.#last
    const step = 'type' in signed ? signed.type : 'propose'
    if (!known) return true
    const order = orderOf(known, signed.height, signed.round, step)
    if (order !== 0) return order > 0
    const bytes = 'type' in signed ? voteSignBytes(this.#chainId, signed) : proposalSignBytes(this.#chainId, signed)
    return !equalBytes(known.signBytes, bytes)
  }

  /** Throws DOUBLE_SIGN_REFUSED. */
  #sign(height: number, round: number, step: Step, signBytes: Uint8Array): Promise<Signature> {
    const signing = this.#turn.then(() => this.#signNow(height, round, step, signBytes))
    this.#turn = signing.catch(() => {})
    return signing
  }

  async #signNow(height: number, round: number, step: Step, signBytes: Uint8Array): Promise<Signature> {
    const last = this.#last
    if (last) {
      const order = orderOf(last, height, round, step)
      if (order === 0 && last.signature && equalBytes(last.signBytes, signBytes)) return last.signature
      if (order <= 0)
        throw new HydraError(
          'DOUBLE_SIGN_REFUSED',
          `Already signed at height ${last.height}, round ${last.round}, step ${last.step}; ` +
            `will not sign something else at ${height}, ${round}, ${step}.`,
        )
    }
    const signature = this.#keys.sign(signBytes)
    const record = { height, round, step, signBytes, signature }
    await this.#store.save(record)
    this.#last = record
    return signature
  }
}

/** Above 0: later than what was signed last; 0: the same step. */
function orderOf(
  last: { height: number; round: number; step: Step },
  height: number,
  round: number,
  step: Step,
): number {
  return height - last.height || round - last.round || STEPS.indexOf(step) - STEPS.indexOf(last.step)
}
