import { resolve } from 'node:path'
import { DataFolder } from '@hydraai/node'
import { ExitCode } from '../exit.ts'
import { DEFAULT_USER, dataDirOf, type NodeFlags, nodeSettings } from '../options/nodeOptions.ts'
import { JsonReporter } from '../output/jsonReporter.ts'
import type { Reporter } from '../output/reporter.ts'
import { TextReporter } from '../output/textReporter.ts'
import { exportChain } from './exportChain.ts'
import { importChain } from './importChain.ts'
import { runNode } from './node.ts'
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
  const folder = new DataFolder(dataDirOf(flags))
  if (flags.exportChain !== undefined) return exportChain({ folder, file: resolve(flags.exportChain), reporter })
  if (flags.importChain !== undefined) return importChain({ folder, file: resolve(flags.importChain), reporter })

  const settings = nodeSettings(flags)
  const path = settings.walletFile ?? folder.walletFile
  const name = settings.user ?? DEFAULT_USER
  const made = await performWalletActions(flags, { path, name, reporter })
  if (wantsOnlyWallet(flags)) {
    made?.keys.wipe()
    return ExitCode.ok
  }
  const identity = made ?? (await walletOfNode({ path, name, reporter }))
  const logging = { level: flags.logLevel ?? 'warn', json: flags.json === true }
  return runNode({ settings, identity, reporter, logging })
}
