import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { HydraError, keyPairOfEntropy, MICRO, sealWallet } from '@hydraai/core'
import { DataFolder, foundNetwork } from '@hydraai/node'
import { z } from 'zod'
import { readEngine } from '../engineFile.ts'
import { loadTasks } from '../tasks.ts'

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi', 'ivan', 'judy', 'kim', 'lena']
export const MAX_NODES = NAMES.length
export const DEFAULT_NODES = 4

/** The wallets of a local network lie beside their password: a costly key derivation would protect nothing. */
const WALLET_COST = { memoryBytes: 8 * 1024 * 1024, passes: 1 }
/** Enough to lose that trust comes from it, and not only from a history that a new network cannot have. */
const FOUNDING_STAKE = 1_000n * MICRO
/** Phases in one-second blocks, long enough for two cores to do the units and the checks of four nodes. */
export const PHASES = { work: 4, workLimit: 20, reveal: 4, base: 6, verify: 30, disclose: 4, aggregate: 60 }

/** Another number for every release whose networks go by other rules. */
const FORMAT = 'hydra-devnet/2'

/** One node of the local network: its name and its folder. */
export interface Member {
  readonly name: string
  readonly folder: DataFolder
}

const descriptionSchema = z.object({
  format: z.literal(FORMAT),
  names: z.array(z.string()).min(1).max(MAX_NODES),
  password: z.string().min(1),
  models: z.array(z.string()).min(1).default(['mnist-cnn']),
})

/** A local network as it lies on disk. */
export interface LocalNetwork {
  readonly members: readonly Member[]
  readonly password: string
  /** What it was founded with; a goal is the first one's. */
  readonly models: readonly string[]
  /** True when an earlier start laid it down. */
  readonly resumed: boolean
}

/** The network of an earlier start, or a new one. Throws DEVNET_OTHER_SIZE rather than touch one of another size. */
export async function openLocalNetwork(
  path: string,
  nodes: number | undefined,
  blockIntervalMs: number,
  models: readonly string[],
): Promise<LocalNetwork> {
  const description = await readDescription(path)
  if (!description) return await createLocalNetwork(path, nodes ?? DEFAULT_NODES, blockIntervalMs, models)
  if (nodes !== undefined && nodes !== description.names.length)
    throw new HydraError(
      'DEVNET_OTHER_SIZE',
      `${path} holds a network of ${description.names.length} nodes, not ${nodes}.`,
      {
        advice: 'Leave --nodes out to resume it, or give another --data-dir.',
      },
    )
  const { names, password, models: founded } = description
  return { members: membersOf(path, names), password, models: founded, resumed: true }
}

async function createLocalNetwork(
  path: string,
  nodes: number,
  blockIntervalMs: number,
  models: readonly string[],
): Promise<LocalNetwork> {
  const members = membersOf(path, NAMES.slice(0, nodes))
  const password = randomBytes(16).toString('hex')
  await mkdir(path, { recursive: true, mode: 0o700 })
  const validators = []
  for (const { name, folder } of members) {
    await folder.create()
    const entropy = new Uint8Array(randomBytes(32))
    const keys = keyPairOfEntropy(entropy)
    validators.push({ name, publicKey: keys.publicKey, stake: FOUNDING_STAKE })
    keys.wipe()
    const [salt, nonce] = [new Uint8Array(randomBytes(16)), new Uint8Array(randomBytes(24))]
    const wallet = sealWallet({ entropy, name, password, salt, nonce, cost: WALLET_COST })
    entropy.fill(0)
    await writeFile(folder.walletFile, wallet, { mode: 0o600 })
  }
  const parameters = { blockIntervalMs, registrationDifficulty: 14, phases: PHASES }
  const founding = foundNetwork({
    validators,
    tasks: await loadTasks(models),
    time: Date.now(),
    wasm: await readEngine(),
    parameters,
  })
  for (const { folder } of members) await folder.install(founding)
  // Last: a start that was cut off before begins anew.
  const ids = models.map(model => model.split(':')[0]!)
  const description = { format: FORMAT, names: members.map(({ name }) => name), password, models: ids }
  await writeFile(descriptionFile(path), `${JSON.stringify(description, null, 2)}\n`, { mode: 0o600 })
  return { members, password, models: ids, resumed: false }
}

function membersOf(path: string, names: readonly string[]): Member[] {
  return names.map(name => ({ name, folder: new DataFolder(join(path, name)) }))
}

async function readDescription(path: string) {
  let text: string
  try {
    text = await readFile(descriptionFile(path), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const json = parseJson(text)
  if (isOfOtherRelease(json))
    throw new HydraError(
      'DEVNET_OTHER_RELEASE',
      `${path} holds a local network of another release, with other rules.`,
      {
        advice: 'Give another --data-dir, or delete this one to begin a new network.',
      },
    )
  const parsed = descriptionSchema.safeParse(json)
  if (!parsed.success)
    throw new HydraError('DEVNET_CORRUPT', `${descriptionFile(path)} is damaged.`, {
      advice: 'Give another --data-dir, or delete this one to begin a new network.',
    })
  return parsed.data
}

function isOfOtherRelease(json: unknown): boolean {
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : null
  return typeof format === 'string' && format !== FORMAT && /^hydra-devnet\/\d+$/.test(format)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function descriptionFile(path: string): string {
  return join(path, 'devnet.json')
}

/** Ports that are free on loopback now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(0, '127.0.0.1', resolve)
      })
      return server
    }),
  )
  const ports = servers.map(server => (server.address() as { port: number }).port)
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}
