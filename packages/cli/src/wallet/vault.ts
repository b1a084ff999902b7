import { randomBytes } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { type Address, HydraError } from '@hydraai/core'
import type { VaultAnswers, VaultRequest, VaultResponse } from './vaultProtocol.ts'

const SALT_BYTES = 16
const NONCE_BYTES = 24
/** The costliest key derivation that a wallet file may ask for takes well under this. */
const TIMEOUT_MS = 300_000

/** Seals `entropy`, which stays the caller's to wipe. The file's text. Throws WALLET_INVALID, WALLET_MEMORY. */
export function sealInVault(options: { entropy: Uint8Array; name: string; password: string }): Promise<string> {
  const salt = new Uint8Array(randomBytes(SALT_BYTES))
  const nonce = new Uint8Array(randomBytes(NONCE_BYTES))
  return ask({ type: 'seal', ...options, salt, nonce })
}

/** Opens a wallet file. Throws WALLET_CORRUPT, WALLET_WRONG_PASSWORD, WALLET_MEMORY. The caller wipes the entropy. */
export function openInVault(
  file: string,
  password: string,
): Promise<{ entropy: Uint8Array; name: string; address: Address }> {
  return ask({ type: 'open', file, password })
}

/**
 * In a thread of its own: deriving the key takes a second during which the program must answer Ctrl-C, and 256 MiB that
 * only the end of a thread gives back.
 */
async function ask<T extends VaultRequest>(request: T): Promise<VaultAnswers[T['type']]> {
  const worker = new Worker(new URL('./vaultWorker.ts', import.meta.url))
  const timer = setTimeout(() => void worker.terminate(), TIMEOUT_MS)
  try {
    const response = await new Promise<VaultResponse>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => reject(new HydraError('WALLET_FAILED', 'The wallet could not be worked on.')))
      worker.postMessage(request)
    })
    if (response.ok) return response.answer as VaultAnswers[T['type']]
    const { code, message, advice } = response.error
    throw new HydraError(code, message, advice === undefined ? {} : { advice })
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}
