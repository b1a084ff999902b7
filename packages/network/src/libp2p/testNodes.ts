import type { NetworkLimits } from '../limits.ts'
import type { Network } from '../network.ts'
import { type Libp2pNetworkOptions, libp2pNetwork } from './libp2pNetwork.ts'

let created = 0

/** A node on a free port of the loopback interface, each with an identity of its own. */
export function testNode(options: Partial<Libp2pNetworkOptions> & { limits?: Partial<NetworkLimits> } = {}): Network {
  const seed = new Uint8Array(32)
  new DataView(seed.buffer).setUint32(0, ++created)
  return libp2pNetwork({
    seed,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    localNetwork: true,
    protocolPrefix: '/hydra/test',
    ...options,
  })
}

export function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/** Waits until the condition holds, and fails after ten seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (condition()) return
    await sleep(10)
  }
  throw new Error('the condition never came to hold')
}
