import { decode, HydraError } from '@hydraai/core'
import { checkGenesis, type Genesis, genesisCodec } from '@hydraai/ledger'
import { libp2pNetwork } from '@hydraai/network'
import { GENESIS_PROTOCOL, MAX_GENESIS_BYTES } from '../sync/exchange.ts'

const REQUEST_TIMEOUT_MS = 4_000

/** A genesis that a peer has given, and who it was. */
export interface FoundNetwork {
  readonly genesis: Genesis
  readonly address: string
}

/**
 * Asks every address for the genesis of its network, all at once, and takes the first good answer. Null when nobody
 * answers within `timeoutMs`.
 */
export async function fetchGenesis(options: {
  seed: Uint8Array
  addresses: readonly string[]
  timeoutMs: number
  lan?: boolean
}): Promise<FoundNetwork | null> {
  if (options.addresses.length === 0 && !options.lan) return null
  const network = libp2pNetwork({
    seed: options.seed,
    listen: [],
    bootstrap: [],
    localNetwork: true,
    protocolPrefix: '/hydra/join',
    lan: options.lan ?? false,
  })
  const signal = AbortSignal.timeout(options.timeoutMs)
  try {
    await network.start()
    const asks = options.addresses.map(address => askAddress(network, address, signal))
    if (options.lan) asks.push(askWhoeverConnects(network, signal))
    return await Promise.any(asks)
  } catch (error) {
    if (error instanceof AggregateError) return null
    throw error
  } finally {
    await network.stop()
  }
}

type Joining = ReturnType<typeof libp2pNetwork>

async function askAddress(network: Joining, address: string, signal: AbortSignal): Promise<FoundNetwork> {
  const peer = await network.dial(address, signal)
  return { genesis: await ask(network, peer, signal), address }
}

function askWhoeverConnects(network: Joining, signal: AbortSignal): Promise<FoundNetwork> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
    network.onPeerChange(({ peerId, connected }) => {
      if (!connected) return
      const address = network.peers().find(peer => peer.peerId === peerId)?.address ?? peerId
      ask(network, peerId, signal).then(
        genesis => resolve({ genesis, address }),
        () => {},
      )
    })
  })
}

async function ask(network: Joining, peer: string, signal: AbortSignal): Promise<Genesis> {
  const options = { timeoutMs: REQUEST_TIMEOUT_MS, maxResponseBytes: MAX_GENESIS_BYTES, signal }
  const bytes = await network.request(peer, GENESIS_PROTOCOL, new Uint8Array(), options)
  const genesis = decode(genesisCodec, bytes, { maxBytes: MAX_GENESIS_BYTES })
  checkGenesis(genesis)
  if (genesis.models.length === 0) throw new HydraError('GENESIS_INVALID', 'The network trains no model.')
  return genesis
}
