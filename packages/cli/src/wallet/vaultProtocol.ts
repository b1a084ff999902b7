import type { Address } from '@hydraai/core'

/** What the vault's thread is asked to do. Secrets in a request are the thread's own copies, which it wipes. */
export type VaultRequest =
  | { type: 'seal'; entropy: Uint8Array; name: string; password: string; salt: Uint8Array; nonce: Uint8Array }
  | { type: 'open'; file: string; password: string }

export interface VaultAnswers {
  /** The file's text. */
  seal: string
  open: { entropy: Uint8Array; name: string; address: Address }
}

export type VaultResponse =
  | { ok: true; answer: VaultAnswers[keyof VaultAnswers] }
  | { ok: false; error: { code: string; message: string; advice: string | undefined } }
