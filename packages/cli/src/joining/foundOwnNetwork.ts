import { type KeyPair, MICRO } from '@hydraai/core'
import type { Genesis } from '@hydraai/ledger'
import { type DataFolder, foundNetwork } from '@hydraai/node'
import { readEngine } from '../engineFile.ts'
import type { NodeSettings } from '../options/nodeOptions.ts'
import { loadTasks } from '../tasks.ts'

const FOUNDING_STAKE = 10n * MICRO

/** Lays down a network with this node as its only validator, and pins the data folder to it. */
export async function foundOwnNetwork({
  folder,
  identity,
  settings,
}: {
  folder: DataFolder
  identity: { keys: KeyPair; name: string }
  settings: NodeSettings
}): Promise<Genesis> {
  const { blockIntervalMs } = settings
  const founding = foundNetwork({
    validators: [{ name: identity.name, publicKey: identity.keys.publicKey, stake: FOUNDING_STAKE }],
    tasks: await loadTasks(settings.models),
    time: Date.now(),
    wasm: await readEngine(),
    ...(blockIntervalMs !== undefined && { parameters: { blockIntervalMs } }),
  })
  await folder.install(founding)
  return founding.genesis
}
