import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type KeyPair, keyPairOfEntropy, MICRO, type Micro, sealWallet } from '@hydraai/core'
import { type ChainParameters, type Genesis, genesisToJson } from '@hydraai/ledger'
import { DataFolder, type FoundingTask, foundNetwork } from '@hydraai/node'
import { PASSWORD } from './program.ts'
import type { Workplace } from './workplace.ts'

/** A wallet in the folder of `name` whose key is derived at next to no cost, and the key. */
export function walletWithKeys(workplace: Workplace, name: string): KeyPair {
  const entropy = new Uint8Array(randomBytes(32))
  const wallet = sealWallet({
    entropy,
    name,
    password: PASSWORD,
    salt: new Uint8Array(randomBytes(16)),
    nonce: new Uint8Array(randomBytes(24)),
    cost: { memoryBytes: 8 * 1024 * 1024, passes: 1 },
  })
  mkdirSync(workplace.path(name), { recursive: true, mode: 0o700 })
  writeFileSync(workplace.path(name, 'wallet.json'), wallet, { mode: 0o600 })
  return keyPairOfEntropy(entropy)
}

/**
 * A network with parameters of one's own that trains nothing or these, laid down in the folders of its founders; each has
 * 10 HYDRA at stake unless given, and its key comes back.
 */
export async function foundWithParameters(
  workplace: Workplace,
  names: readonly string[],
  parameters: Partial<ChainParameters>,
  { tasks = [], stake = 10n * MICRO }: { tasks?: readonly FoundingTask[]; stake?: Micro } = {},
): Promise<{ genesis: Genesis; genesisFile: string; keys: readonly KeyPair[] }> {
  const wasm = await readFile(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm')))
  const keys = names.map(name => walletWithKeys(workplace, name))
  const validators = names.map((name, i) => ({ name, publicKey: keys[i]!.publicKey, stake }))
  const founding = foundNetwork({ validators, tasks, time: Date.now(), wasm, parameters })
  for (const name of names) await new DataFolder(workplace.path(name)).install(founding)
  const genesisFile = workplace.path('genesis.json')
  writeFileSync(genesisFile, genesisToJson(founding.genesis))
  return { genesis: founding.genesis, genesisFile, keys }
}
