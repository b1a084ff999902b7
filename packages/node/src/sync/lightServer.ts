import { decode, encode } from '@hydraai/core'
import type { Network } from '@hydraai/network'
import type { Chain } from '../chain/chain.ts'
import { lightBlockAt } from '../chain/lightBlocks.ts'
import { lightRequestCodec, lightResponseCodec, MAX_LIGHT_BYTES } from './protocols.ts'

export const LIGHT_PROTOCOL = 'light/1'

/** Gives light clients the blocks they ask for. */
export function serveLight(network: Network, chain: Chain): void {
  const limits = { maxRequestBytes: 16, maxResponseBytes: MAX_LIGHT_BYTES }
  network.handle(LIGHT_PROTOCOL, limits, async request =>
    encode(lightResponseCodec, (await lightBlockAt(chain, decode(lightRequestCodec, request))) ?? null),
  )
}
