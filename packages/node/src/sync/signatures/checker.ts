import type { PublicKey, Signature } from '@hydraai/core'

/** What `verifySignature` is asked. */
export interface SignatureClaim {
  readonly publicKey: PublicKey
  readonly message: Uint8Array
  readonly signature: Signature
}

/**
 * Checks signatures ahead of whoever needs the answers. The ledger asks again for what was not answered here, so an
 * implementation may leave out what it likes; what it answers must be what `verifySignature` says.
 */
export interface SignatureChecker {
  /** The answers in the order of the claims; null for one that was left out. */
  check(claims: readonly SignatureClaim[]): Promise<readonly (boolean | null)[]>
  close(): Promise<void>
}

/** Leaves everything to the ledger: for a process of one thread, and for the simulator. */
export const noChecker: SignatureChecker = {
  check: async claims => claims.map(() => null),
  close: async () => {},
}
