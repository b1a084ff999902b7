import { resolve } from 'node:path'
import { refuseStrayQueryFlags } from '../asking/queryOptions.ts'
import { ExitCode } from '../exit.ts'
import { DEFAULT_USER, dataDirOf, type NodeFlags, nodeSettings } from '../options/nodeOptions.ts'
import { JsonReporter } from '../output/jsonReporter.ts'
import type { Reporter } from '../output/reporter.ts'
import { TextReporter } from '../output/textReporter.ts'
import { performWalletActions, walletOfNode, wantsOnlyWallet } from './wallet.ts'

/** `hydra_node` without a subcommand. Answers the exit code. */
export async function defaultCommand(flags: NodeFlags): Promise<number> {
  const reporter: Reporter = flags.json ? new JsonReporter() : new TextReporter()
  try {
    return await carryOut(flags, reporter)
  } finally {
    reporter.clear()
  }
}

async function carryOut(flags: NodeFlags, reporter: Reporter): Promise<number> {
  refuseStrayQueryFlags(flags)
  if (flags.query !== undefined) {
    const { query } = await import('./query.ts')
    return query(flags)
  }
  const settings = nodeSettings(flags)
  const name = settings.user ?? DEFAULT_USER
  // Work on a wallet in a file of its own needs no node: it is loaded further down, and takes a while.
  if (settings.walletFile && wantsOnlyWallet(flags)) {
    await makeWallet(flags, { path: settings.walletFile, name, reporter })
    return ExitCode.ok
  }
  const { DataFolder } = await import('@hydraai/node')
  const folder = new DataFolder(dataDirOf(flags))
  if (flags.exportChain !== undefined) {
    const { exportChain } = await import('./exportChain.ts')
    return exportChain({ folder, file: resolve(flags.exportChain), reporter })
  }
  if (flags.importChain !== undefined) {
    const { importChain } = await import('./importChain.ts')
    return importChain({ folder, file: resolve(flags.importChain), reporter })
  }
  const path = settings.walletFile ?? folder.walletFile
  if (wantsOnlyWallet(flags)) {
    await makeWallet(flags, { path, name, reporter })
    return ExitCode.ok
  }
  const made = await performWalletActions(flags, { path, name, reporter })
  const identity = made ?? (await walletOfNode({ path, name, reporter }))
  const { runNode } = await import('./node.ts')
  const logging = { level: flags.logLevel ?? 'warn', json: flags.json === true }
  return runNode({ settings, identity, reporter, logging })
}

async function makeWallet(flags: NodeFlags, where: { path: string; name: string; reporter: Reporter }): Promise<void> {
  const made = await performWalletActions(flags, where)
  made?.keys.wipe()
}
