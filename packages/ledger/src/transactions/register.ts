import { fixedBytes, fromHex, type Hash, type PublicKey, taggedHash, text, u64be, utf8 } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import type { TransactionContext } from './context.ts'

/** Makes an account out of nothing but computing time: free, once, with fee credit for the first updates. */
export interface Register {
  readonly type: 'register'
  /** 1 to 32 letters, digits, `_`, `.` and `-`, a letter or digit first. Not unique. */
  readonly name: string
  /** 8 bytes for which `registrationWork` starts with enough zero bits. */
  readonly work: Uint8Array
}

export const registerFields = { name: text({ maxBytes: 32 }), work: fixedBytes(8) }

export function applyRegister({ draft, sender, publicKey, transaction }: TransactionContext, action: Register): void {
  const { chainId, parameters } = draft.block
  const { name, work } = action
  if (draft.account(sender).registered) throw new LedgerError('ALREADY_REGISTERED', `${sender} is registered already`)
  if (!isName(name)) {
    throw new LedgerError('TRANSACTION_INVALID', `${JSON.stringify(name)} is not a name`, {
      advice: 'A name is 1 to 32 letters, digits, "_", "." and "-", a letter or digit first.',
    })
  }
  if (!hasRegistrationWork(chainId, publicKey, work, parameters.registrationDifficulty)) {
    throw new LedgerError(
      'WORK_INSUFFICIENT',
      `the proof of work has fewer than ${parameters.registrationDifficulty} leading zero bits`,
    )
  }
  draft.updateAccount(sender, { name, registered: true, feeCredit: parameters.feeCredit })
  draft.events.push({ type: 'registration', transaction, account: sender, name, credit: parameters.feeCredit })
}

/** Whether a text may be an account's name: nothing that a page or a terminal could mistake for more than a name. */
export function isName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/.test(name)
}

/** Hashcash (Back 2002) on the public key: `work` is 8 bytes. */
export function registrationWork(chainId: string, publicKey: PublicKey, work: Uint8Array): Hash {
  return taggedHash('hydra/register/1', work, fromHex(publicKey), utf8(chainId))
}

/** Whether `work` is 8 bytes whose hash starts with `difficulty` zero bits or more. */
export function hasRegistrationWork(
  chainId: string,
  publicKey: PublicKey,
  work: Uint8Array,
  difficulty: number,
): boolean {
  return work.length === 8 && leadingZeroBits(registrationWork(chainId, publicKey, work)) >= difficulty
}

/**
 * Tries the candidates `from`..`from + tries - 1` and returns the first that has the work, or null. About 2^difficulty
 * tries are needed; call it in slices so that nothing else has to wait.
 */
export function findRegistrationWork(
  search: { chainId: string; publicKey: PublicKey; difficulty: number },
  from: number,
  tries: number,
): Uint8Array | null {
  for (let candidate = from; candidate < from + tries; candidate++) {
    const work = u64be(candidate)
    if (hasRegistrationWork(search.chainId, search.publicKey, work, search.difficulty)) return work
  }
  return null
}

function leadingZeroBits(hash: Hash): number {
  let bits = 0
  for (const digit of hash) {
    const value = Number.parseInt(digit, 16)
    if (value !== 0) return bits + Math.clz32(value) - 28
    bits += 4
  }
  return bits
}
