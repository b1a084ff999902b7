import { HydraError } from '@hydraai/core'
import { isInteractive } from '../environment.ts'
import { isTaken } from '../files.ts'
import type { NodeFlags } from '../options/nodeOptions.ts'
import type { Reporter } from '../output/reporter.ts'
import {
  changePassword,
  createWallet,
  exportWallet,
  type Identity,
  openWalletFile,
  restoreWallet,
} from '../wallet/walletActions.ts'

/** Flags that speak of a node that runs: with one of them a new wallet is put to use at once. */
const RUN_FLAGS = [
  ...['bootstrap', 'port', 'publicIp', 'host', 'peer', 'lan', 'found', 'blockInterval', 'genesis', 'apiPort'],
  'headless',
] as const satisfies readonly (keyof NodeFlags)[]

/**
 * True when the flags ask for work on a wallet and no more. A new wallet in its usual place is what the first start of a
 * node makes; one in a file of its own, a copy or another password is wanted for itself.
 */
export function wantsOnlyWallet(flags: NodeFlags): boolean {
  if (flags.exportWallet !== undefined || flags.changePassword) return true
  const makes = flags.createWallet || flags.restoreWallet
  return makes === true && flags.walletFile !== undefined && !RUN_FLAGS.some(flag => flags[flag] !== undefined)
}

/** Carries out what the flags ask for, in this order. The identity that was made, if one was. */
export async function performWalletActions(
  flags: NodeFlags,
  { path, name, reporter }: { path: string; name: string; reporter: Reporter },
): Promise<Identity | undefined> {
  let identity: Identity | undefined
  if (flags.createWallet) identity = await createWallet(path, name, reporter)
  if (flags.restoreWallet) identity = await restoreWallet(path, name, reporter)
  if (flags.changePassword) await changePassword(path, reporter)
  if (flags.exportWallet !== undefined) await exportWallet(path, flags.exportWallet, reporter)
  return identity
}

/** The wallet of a node that starts. A person without one gets one; a program is told how. */
export async function walletOfNode(options: { path: string; name: string; reporter: Reporter }): Promise<Identity> {
  const { path, name, reporter } = options
  if (await isTaken(path)) return openWalletFile(path)
  if (isInteractive()) return createWallet(path, name, reporter)
  throw new HydraError('WALLET_NEEDED', `There is no wallet at ${path}.`, {
    advice: 'Add --create-wallet to make one, or --restore-wallet to bring one back from its 24 words.',
  })
}
