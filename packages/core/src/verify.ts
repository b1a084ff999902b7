import type { PublicKey, Signature, VrfProof } from './brand.ts'
import { equalBytes, fromHex } from './bytes.ts'
import { sodium } from './sodium.ts'
import { checkVrf } from './vrf.ts'

/** Answers that are remembered, the oldest goes first: the votes of some blocks of the largest committee; a proof a block. */
const MAX_SIGNATURES = 16_384
const MAX_PROOFS = 1_024
/** Longer messages are checked every time. With it the memory is bounded: 15 MiB at most, a third of it with votes. */
const MAX_MESSAGE_BYTES = 512

interface Answer<T> {
  readonly publicKey: PublicKey
  readonly message: Uint8Array
  readonly answer: T
}

/**
 * Answers of a pure function, by signature or proof, each with the whole question, which is compared: no digest to
 * compute, and nothing to collide. It is worth it because a node meets one signature several times: as a vote, in the commit,
 * in the next block's copy of it. A signature asked of another message or key takes the place of the first.
 */
class Memo<T> {
  readonly #answers = new Map<string, Answer<T>>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  answer(publicKey: PublicKey, message: Uint8Array, proof: string, check: () => T): T {
    const known = this.#answers.get(proof)
    if (known !== undefined && known.publicKey === publicKey && equalBytes(known.message, message)) return known.answer
    const answer = check()
    if (message.length > MAX_MESSAGE_BYTES) return answer
    if (this.#answers.size >= this.#max) this.#answers.delete(this.#answers.keys().next().value!)
    // A copy, which `slice` of a Buffer is not: were it changed later, its signature would be another message's.
    this.#answers.set(proof, { publicKey, message: new Uint8Array(message), answer })
    return answer
  }

  clear(): void {
    this.#answers.clear()
  }
}

const signatures = new Memo<boolean>(MAX_SIGNATURES)
const outputs = new Memo<Uint8Array | null>(MAX_PROOFS)

/** Forgets all answers, so that a benchmark measures the work itself. */
export function clearSignatureMemo(): void {
  signatures.clear()
  outputs.clear()
}

/**
 * Remembers what {@link verifySignature} says, from whoever asked it elsewhere, in another thread say. The caller vouches
 * for it.
 */
export function rememberSignature(
  publicKey: PublicKey,
  message: Uint8Array,
  signature: Signature,
  valid: boolean,
): void {
  signatures.answer(publicKey, message, signature, () => valid)
}

/**
 * Whether the signature is valid by libsodium's rule, which refuses non-canonical S, non-canonical and small-order
 * keys. The rule is part of consensus, so every platform runs this one implementation. Never throws.
 */
export function verifySignature(publicKey: PublicKey, message: Uint8Array, signature: Signature): boolean {
  if (publicKey.length !== 64 || signature.length !== 128) return false
  return signatures.answer(publicKey, message, signature, () => {
    try {
      return sodium.crypto_sign_verify_detached(fromHex(signature), message, fromHex(publicKey))
    } catch {
      return false
    }
  })
}

/**
 * The output of the key for the input that the proof proves, 64 bytes beta, uniform to whoever lacks the key; null when
 * the proof is not valid. One key and input have one output, whatever the owner does. Never throws.
 */
export function verifyVrf(publicKey: PublicKey, alpha: Uint8Array, proof: VrfProof): Uint8Array | null {
  if (publicKey.length !== 64 || proof.length !== 160) return null
  const beta = outputs.answer(publicKey, alpha, proof, () => checkVrf(publicKey, alpha, proof))
  // A copy: what is remembered is nobody's to change.
  return beta === null ? null : beta.slice()
}
