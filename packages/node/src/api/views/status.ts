import { formatAmount } from '@hydraai/core'
import { ENGINE_SHA256 } from '@hydraai/engine'
import { epochOf, supplyOf } from '@hydraai/ledger'
import type { HydraNode } from '../../node.ts'
import type { LedgerIndex } from '../history/ledgerIndex.ts'
import { earnedOf } from '../history/totals.ts'
import type { StatusAnswer } from '../http/schemas.ts'
import { version } from '../version.ts'
import { stateOf } from './nodeState.ts'

export async function statusAnswer(node: HydraNode, index: LedgerIndex): Promise<StatusAnswer> {
  const totals = await index.totals(node.address)
  const { tip, chainId, genesisHash, genesis } = node.chain
  const { total, minted, burnt } = supplyOf(node.state)
  const now = node.ports.clock.now()
  return {
    node: {
      name: node.name,
      address: node.address,
      peerId: node.ports.network.peerId,
      version,
      engine: ENGINE_SHA256,
      uptimeMs: Math.max(0, Math.round(now - node.startedAt)),
    },
    chain: {
      id: chainId,
      genesis: genesisHash,
      height: tip.height,
      blockHash: tip.hash,
      time: tip.time,
      blockIntervalMs: genesis.parameters.blockIntervalMs,
      synced: node.synced,
      syncTarget: node.sync.target,
      lowest: node.chain.lowest,
      epoch: epochOf(genesis.parameters, tip.height + 1),
    },
    ...stateOf(node),
    paused: node.paused,
    peers: node.peers.all().length,
    earned: { total: formatAmount(earnedOf(totals)), lastHour: formatAmount(index.earnedLastHour) },
    supply: { total: formatAmount(total), minted: formatAmount(minted), burnt: formatAmount(burnt) },
    waiting: waiting(node),
    validators: { total: node.chain.committee().validators.length, self: node.consensus.validates },
  }
}

/** Transactions that wait for a block, and the most that one of them pays to come before others. */
function waiting({ mempool }: HydraNode): StatusAnswer['waiting'] {
  let highest = 0n
  for (const id of mempool.ids()) {
    const { tip = 0n } = mempool.get(id) ?? {}
    if (tip > highest) highest = tip
  }
  return { transactions: mempool.size, highestTip: formatAmount(highest) }
}
