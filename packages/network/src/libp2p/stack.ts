import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import type { GossipSub, GossipSubComponents } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { ConnectionGater, Libp2p, PrivateKey } from '@libp2p/interface'
import { kadDHT, passthroughMapper, removePrivateAddressesMapper } from '@libp2p/kad-dht'
import { mdns } from '@libp2p/mdns'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import type { NetworkLimits } from '../limits.ts'
import type { Libp2pNetworkOptions } from './libp2pNetwork.ts'

/** Identify and ping are the same on every chain, so that a newcomer can ask a node which chain it is on. */
const COMMON_PREFIX = 'hydra'

/** Puts libp2p together; it is not started yet. */
export function createStack(
  options: Libp2pNetworkOptions,
  limits: NetworkLimits,
  privateKey: PrivateKey,
  gater: ConnectionGater,
  pubsub: (components: GossipSubComponents) => GossipSub,
): Promise<Libp2p> {
  const { localNetwork } = options
  const keepsPrivateAddresses = localNetwork || options.lan === true
  return createLibp2p({
    privateKey,
    start: false,
    nodeInfo: { name: 'hydraai', version: '0.1.0', userAgent: 'hydraai/0.1.0' },
    addresses: { listen: options.listen, announce: options.announce ?? [] },
    transports: [tcp(), webSockets(), ...(options.relay === true ? [circuitRelayTransport()] : [])],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    peerDiscovery: options.lan === true ? [mdns({ serviceTag: '_hydraai._udp.local' })] : [],
    connectionGater: gater,
    connectionManager: {
      maxConnections: limits.maxConnections,
      // Counted for each host and second; all nodes of a local network share one host.
      inboundConnectionThreshold: localNetwork ? 200 : 5,
      maxIncomingPendingConnections: 200,
      inboundUpgradeTimeout: 3_000,
      dialTimeout: 10_000,
    },
    connectionMonitor: { pingInterval: localNetwork ? 15_000 : 60_000, protocolPrefix: COMMON_PREFIX },
    services: {
      identify: identify({ protocolPrefix: COMMON_PREFIX }),
      ping: ping({ protocolPrefix: COMMON_PREFIX }),
      dht: kadDHT({
        protocol: `${options.protocolPrefix}/kad/1.0.0`,
        alpha: 3,
        kBucketSize: 8,
        clientMode: false,
        peerInfoMapper: keepsPrivateAddresses ? passthroughMapper : removePrivateAddressesMapper,
      }),
      pubsub,
    },
  }) as unknown as Promise<Libp2p>
}
