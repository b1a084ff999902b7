import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Address,
  type KeyPair,
  keyPairFromSeed,
  keyPairOfEntropy,
  MICRO,
  sealWallet,
  sha256,
  utf8,
} from '@hydraai/core'
import { type Action, type ChainParameters, type SignedTransaction, signTransaction } from '@hydraai/ledger'
import { DataFolder, foundNetwork, type HydraNode, type RunningNode, silentLogger, startNode } from '@hydraai/node'
import { Child } from '../../packages/cli/src/devnet/child.ts'
import { freePorts } from '../../packages/cli/src/devnet/members.ts'
import { readEngine } from '../../packages/cli/src/engineFile.ts'

const NAMES = ['alice', 'bob', 'carol', 'dave']
const WALLET_COST = { memoryBytes: 8 * 1024 * 1024, passes: 1 }
const ACCOUNTS = 400
/** Micro-HYDRA for each account: each transfer sends one. */
const FUNDS = 1_000n
const START_LIMIT_MS = 120_000
const FUNDING_LIMIT_MS = 300_000

/**
 * Four validators as the local network's launcher starts them, each a process of its own with real sockets, and a fifth
 * node here that does not vote: through it the load comes in and the blocks are seen.
 */
export class LocalNetwork {
  readonly people: readonly KeyPair[]
  readonly #children: readonly Child[]
  readonly #founders: readonly KeyPair[]
  readonly #running: RunningNode
  readonly #nonces = new Map<Address, number>()

  private constructor(parts: { children: readonly Child[]; founders: readonly KeyPair[]; running: RunningNode }) {
    this.#children = parts.children
    this.#founders = parts.founders
    this.#running = parts.running
    this.people = Array.from({ length: ACCOUNTS }, (_, i) =>
      keyPairFromSeed(sha256(utf8(`person ${i} of a benchmark`))),
    )
  }

  get node(): HydraNode {
    return this.#running.node
  }

  static async start(folder: string, parameters: Partial<ChainParameters>): Promise<LocalNetwork> {
    const password = randomBytes(16).toString('hex')
    const founders: KeyPair[] = []
    const members = NAMES.map(name => ({ name, folder: new DataFolder(join(folder, name)) }))
    for (const { name, folder: place } of members) {
      const entropy = new Uint8Array(randomBytes(32))
      founders.push(keyPairOfEntropy(entropy))
      const [salt, nonce] = [new Uint8Array(randomBytes(16)), new Uint8Array(randomBytes(24))]
      await place.create()
      await writeFile(place.walletFile, sealWallet({ entropy, name, password, salt, nonce, cost: WALLET_COST }))
    }
    const validators = founders.map(({ publicKey }, i) => ({ name: NAMES[i]!, publicKey, stake: 10n * MICRO }))
    const wasm = await readEngine()
    const founding = foundNetwork({
      validators,
      tasks: [],
      time: Date.now(),
      wasm,
      parameters: { registrationDifficulty: 4, ...parameters },
    })
    for (const { folder: place } of members) await place.install(founding)
    const ports = await freePorts(2 * NAMES.length + 1)
    const peers = NAMES.map((_, i) => `/ip4/127.0.0.1/tcp/${ports[i]}`)
    const children = members.map(
      (member, i) =>
        new Child({
          ...{ member, password, port: ports[i]!, apiPort: ports[NAMES.length + i]!, threads: 1 },
          peers: peers.filter((_, j) => j !== i),
          onEvent: () => {},
          onExit: (_, { reason }) => console.error(`${member.name} ended: ${reason}`),
        }),
    )
    for (const child of children) child.start()
    try {
      const running = await startNode({
        folder: new DataFolder(join(folder, 'observer')),
        genesis: founding.genesis,
        keys: keyPairFromSeed(new Uint8Array(randomBytes(32))),
        name: 'observer',
        host: '127.0.0.1',
        port: ports.at(-1)!,
        bootstrap: peers,
        stakes: false,
        trains: false,
        logger: silentLogger,
      })
      const network = new LocalNetwork({ children, founders, running })
      await network.#until(START_LIMIT_MS, 'no block came', () => running.node.chain.height >= 3)
      return network
    } catch (error) {
      for (const child of children) child.kill()
      throw error
    }
  }

  /** Gives the first `count` accounts something to send: the founders earn it by their first blocks. */
  async fund(count = ACCOUNTS): Promise<void> {
    const { chain, mempool } = this.node
    const has = (keys: KeyPair) => (chain.state.accounts.get(keys.address)?.balance ?? 0n) > 0n
    await this.#until(FUNDING_LIMIT_MS, 'the accounts were not funded', () => {
      const poor = this.people.slice(0, count).filter(keys => !has(keys))
      for (const [i, founder] of this.#founders.entries()) {
        const account = chain.state.accounts.get(founder.address)
        if (!account || account.balance < 40n * FUNDS || mempool.nextNonce(founder.address) !== account.nonce) continue
        for (const [j, { address }] of poor
          .filter((_, at) => at % NAMES.length === i)
          .slice(0, 30)
          .entries())
          this.#offer(founder, { type: 'transfer', to: address, amount: FUNDS, memo: '' }, account.nonce + j)
      }
      return poor.length === 0
    })
    for (const { address } of this.people.slice(0, count)) this.#nonces.set(address, 0)
  }

  /** A transfer of a funded account to another, signed here and handed to the network. False when there is no room for it. */
  send(i: number): SignedTransaction | null {
    const from = this.people[i % this.#nonces.size]!
    const to = this.people[(i * 7 + 1) % this.people.length]!.address
    const nonce = this.#nonces.get(from.address)!
    const sent = this.#offer(from, { type: 'transfer', to, amount: 1n, memo: '' }, nonce)
    if (sent !== null) this.#nonces.set(from.address, nonce + 1)
    return sent
  }

  #offer(keys: KeyPair, action: Action, nonce: number): SignedTransaction | null {
    const transaction = signTransaction(keys, { chainId: this.node.chain.chainId, nonce, action })
    try {
      this.node.mempool.addTransaction(transaction)
      return transaction
    } catch {
      return null
    }
  }

  async #until(limitMs: number, otherwise: string, isTrue: () => boolean): Promise<void> {
    const end = performance.now() + limitMs
    while (!isTrue()) {
      if (performance.now() > end) throw new Error(`${otherwise} within ${limitMs / 1_000} s`)
      await sleep(100)
    }
  }

  async stop(): Promise<void> {
    await this.#running.stop()
    await Promise.all(this.#children.map(child => child.stop()))
  }
}
