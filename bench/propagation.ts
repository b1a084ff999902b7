/**
 * How long a transaction takes to be seen by every node: real libp2p on loopback with the node's own mempool and
 * exchange, and nothing else of a node. All nodes share one process and so one core, and each checks every signature
 * itself: what a fast machine with one node would do in a thirtieth of the time is done thirty times here.
 *
 *   node bench/propagation.ts [--nodes 30] [--connections 8] [--transactions 200] [--rate 20] [--json]
 *
 * Prints, in milliseconds from the submission at one node: when each of the others had a transaction, and when the last
 * one had it. Ends by itself.
 */
import { parseArgs } from 'node:util'
import {
  CounterRandom,
  clearSignatureMemo,
  type Hash,
  type KeyPair,
  keyPairFromSeed,
  sha256,
  taggedHash,
  utf8,
} from '@hydraai/core'
import { accountOf, type Genesis, genesisState, type LedgerState, signTransaction } from '@hydraai/ledger'
import { libp2pNetwork, type Network } from '@hydraai/network'
import { silentLogger, systemClock } from '@hydraai/node'
import { TestCommittee } from '../packages/node/src/consensus/testing/committee.ts'
import { Listeners } from '../packages/node/src/listeners.ts'
import { Mempool } from '../packages/node/src/mempool/mempool.ts'
import { Exchange, type ExchangeParts } from '../packages/node/src/sync/exchange.ts'

const START_LIMIT_MS = 60_000
/** After the last submission: what has not come by then is lost. */
const PATIENCE_MS = 5_000
const WARM_UP = 20

interface Options {
  readonly nodes: number
  readonly connections: number
  readonly transactions: number
  /** Submissions a second. */
  readonly rate: number
  readonly json: boolean
}

interface Peer {
  readonly network: Network
  readonly mempool: Mempool
  readonly exchange: Exchange
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      nodes: { type: 'string', default: '30' },
      connections: { type: 'string', default: '8' },
      transactions: { type: 'string', default: '200' },
      rate: { type: 'string', default: '20' },
      json: { type: 'boolean', default: false },
    },
  })
  const between = (name: 'nodes' | 'connections' | 'transactions' | 'rate', low: number, high: number) => {
    const value = Number(values[name])
    if (Number.isInteger(value) && value >= low && value <= high) return value
    throw new Error(`--${name} is a whole number from ${low} to ${high}, not ${values[name]}`)
  }
  return {
    nodes: between('nodes', 2, 100),
    connections: between('connections', 2, 20),
    transactions: between('transactions', 1, 5_000),
    rate: between('rate', 1, 1_000),
    json: values.json,
  }
}

/** Genesis with money in the hands of `senders`. */
function fundedState(genesis: Genesis, senders: readonly KeyPair[]): LedgerState {
  const base = genesisState(genesis)
  const accounts = new Map(base.accounts)
  for (const { address, publicKey } of senders)
    accounts.set(address, { ...accountOf(base, address), publicKey, balance: 1_000_000n })
  return { ...base, accounts }
}

/** A node's network, mempool and exchange; nobody votes. */
function makePeer(index: number, genesis: Genesis, state: LedgerState): Peer {
  const network = libp2pNetwork({
    seed: sha256(utf8(`propagation ${index}`)),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    localNetwork: true,
    protocolPrefix: `/hydra/${genesis.chainId}`,
    limits: { targetPeers: 1 },
  })
  const mempool = new Mempool(state)
  const never = {
    onMessage: () => 'ignore',
    messagesOf: () => [],
    missingOf: () => [],
    onParts() {},
    partsFor: () => [],
  }
  const parts = {
    network,
    mempool,
    chain: { genesis, tip: { height: 0, time: genesis.time } },
    consensus: { ...never, progress: { height: 1 }, incomplete: new Listeners<Hash>() },
    peers: { all: () => network.peers().map(({ peerId }) => ({ peerId, height: 0 })), met: new Listeners() },
    clock: systemClock,
    logger: silentLogger,
    random: Math.random,
  }
  const exchange = new Exchange(parts as unknown as ExchangeParts)
  exchange.serve()
  return { network, mempool, exchange }
}

/** Every node dials its neighbour, so that all hang together, and others at random. */
async function connect(peers: readonly Peer[], connections: number): Promise<void> {
  const random = new CounterRandom(taggedHash('hydra/propagation', utf8('who dials whom')))
  for (const [i, { network }] of peers.entries()) {
    const dialled = new Set([(i + 1) % peers.length])
    while (dialled.size < Math.min(connections / 2, peers.length - 1)) dialled.add(random.below(peers.length))
    dialled.delete(i)
    for (const j of dialled) await dial(network, peers[j]!.network.addresses()[0]!)
  }
}

/** A machine under load resets a handshake now and then. */
async function dial(network: Network, address: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await network.dial(address)
      return
    } catch (error) {
      if (tries === 5) throw error
      await sleep(200)
    }
  }
}

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

async function until(condition: () => boolean, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs
  while (!condition()) {
    if (performance.now() > end) return false
    await sleep(10)
  }
  return true
}

function quantiles(values: number[]) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => Math.round(10 * (sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN)) / 10
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}

async function measure({ nodes, connections, transactions, rate }: Options) {
  const { genesis, keys: founders } = new TestCommittee()
  const count = WARM_UP + transactions
  const senders = Array.from({ length: count }, (_, i) => keyPairFromSeed(sha256(utf8(`propagation sender ${i}`))))
  const state = fundedState(genesis, senders)
  const peers = Array.from({ length: nodes }, (_, i) => makePeer(i, genesis, state))
  const submittedAt = new Map<Hash, number>()
  const seenAfter = new Map<Hash, number[]>()
  for (const { mempool } of peers)
    mempool.added.add(({ id }) => {
      // Nobody has a check for nothing because a neighbour in the same process has made it.
      clearSignatureMemo()
      const from = submittedAt.get(id)
      if (from !== undefined) seenAfter.get(id)!.push(performance.now() - from)
    })
  const submit = (i: number, isMeasured: boolean) => {
    const action = { type: 'transfer' as const, to: founders[0]!.address, amount: 1n, memo: '' }
    const signed = signTransaction(senders[i]!, { chainId: genesis.chainId, nonce: 0, action })
    const { mempool } = peers[(i * 7) % nodes]!
    const at = performance.now()
    const id = mempool.addTransaction(signed)
    if (!isMeasured) return
    submittedAt.set(id, at)
    seenAfter.set(id, [])
  }
  try {
    for (const { network } of peers) await network.start()
    await connect(peers, connections)
    for (const { exchange } of peers) exchange.start()
    // Meshes form in the seconds after; what is lost until then would be pulled.
    await sleep(3_000)
    for (let i = 0; i < WARM_UP; i++) {
      submit(i, false)
      await sleep(50)
    }
    const isWarm = await until(() => peers.every(({ mempool }) => mempool.size === WARM_UP), START_LIMIT_MS)
    if (!isWarm) throw new Error(`the network did not come together within ${START_LIMIT_MS / 1_000} s`)
    for (let i = 0; i < transactions; i++) {
      submit(WARM_UP + i, true)
      await sleep(1_000 / rate)
    }
    await until(() => peers.every(({ mempool }) => mempool.size === count), PATIENCE_MS)
    const each = [...seenAfter.values()].flat()
    const whole = [...seenAfter.values()].filter(times => times.length === nodes - 1)
    const links = peers.map(({ network }) => network.peers().length)
    return {
      nodes,
      connections: { least: Math.min(...links), most: Math.max(...links) },
      transactions,
      rate,
      lost: transactions * (nodes - 1) - each.length,
      firstSeenMs: quantiles(each),
      lastNodeMs: quantiles(whole.map(times => Math.max(...times))),
    }
  } finally {
    for (const { exchange } of peers) exchange.stop()
    await Promise.all(peers.map(({ network }) => network.stop()))
  }
}

const options = readOptions()
const result = await measure(options)
if (options.json) {
  console.log(JSON.stringify(result))
} else {
  const { nodes, connections, firstSeenMs, lastNodeMs, lost } = result
  const line = ({ p50, p90, p99, max }: ReturnType<typeof quantiles>) =>
    `p50 ${p50} ms, p90 ${p90} ms, p99 ${p99} ms, max ${max} ms`
  console.log(`${nodes} nodes, ${connections.least} to ${connections.most} connections each`)
  console.log(`${result.transactions} transactions, ${result.rate} a second, ${lost} of their ways lost`)
  console.log(`first seen by a node    ${line(firstSeenMs)}`)
  console.log(`seen by the last node   ${line(lastNodeMs)}`)
}
process.exit(0)
