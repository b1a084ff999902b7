import { HydraError } from '@hydraai/core'
import { type Action, signTransaction } from '@hydraai/ledger'
import type { Machine } from '../machine.ts'
import type { Stage } from './attack.ts'

/**
 * Signs an action with an attacker's key and hands it to an honest machine, past the attacker's own node. Answers whether
 * it is refused: then it never gets into an honest block, and an honest validator votes against any other.
 */
export function refuses({ world }: Stage, attacker: Machine, action: Action): boolean {
  const node = world.machines[0]!.node!
  const nonce = node.mempool.nextNonce(attacker.address)
  try {
    const { chainId } = node.chain
    node.mempool.addTransaction(signTransaction(attacker.keys(), { chainId, nonce, tip: 0n, action }))
    return false
  } catch (error) {
    if (error instanceof HydraError) return true
    throw error
  }
}
