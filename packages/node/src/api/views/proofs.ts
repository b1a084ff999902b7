import { type Address, encode, toHex } from '@hydraai/core'
import {
  accountProofCodec,
  blockHash,
  eventProofCodec,
  headerCodec,
  lightBlockCodec,
  proveAccount,
  proveEvent,
} from '@hydraai/ledger'
import { lightBlockAt } from '../../chain/lightBlocks.ts'
import type { HydraNode } from '../../node.ts'
import type { StoredBlock } from '../history/blocks.ts'
import type { AccountProofAnswer, EventProofAnswer, LightAnswer } from '../http/schemas.ts'
import { eventRow } from './events.ts'
import { jsonOf } from './json.ts'

/** What a light client needs of one block; undefined where this node does not hold it. */
export async function lightAnswer({ chain }: HydraNode, height: number): Promise<LightAnswer | undefined> {
  const block = await lightBlockAt(chain, height)
  return (
    block && {
      height,
      hash: blockHash(block.header),
      header: jsonOf(block.header) as Record<string, unknown>,
      lightBlock: toHex(encode(lightBlockCodec, block)),
    }
  )
}

/** An account, or that there is none, under the state root of the newest header; undefined before the first block. */
export async function accountProof(node: HydraNode, address: Address): Promise<AccountProofAnswer | undefined> {
  const { state, chain } = node
  const light = await lightBlockAt(chain, state.height)
  if (!light) return undefined
  const account = state.accounts.get(address)
  return {
    height: state.height,
    hash: state.blockHash,
    address,
    account: account === undefined ? null : (jsonOf(account) as Record<string, unknown>),
    header: toHex(encode(headerCodec, light.header)),
    proof: toHex(encode(accountProofCodec, proveAccount(state, address))),
  }
}

/** One event of a block, such as a reward, under the events root of its header; undefined where there is none. */
export function eventProof(node: HydraNode, stored: StoredBlock, index: number): EventProofAnswer | undefined {
  const { block, hash, events } = stored
  const event = events[index]
  if (event === undefined) return undefined
  return {
    height: block.header.height,
    hash,
    index,
    event: eventRow(event, address => node.nameOf(address)),
    header: toHex(encode(headerCodec, block.header)),
    proof: toHex(encode(eventProofCodec, proveEvent(events, index))),
  }
}
