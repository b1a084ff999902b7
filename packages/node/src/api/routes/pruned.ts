import type { HydraNode } from '../../node.ts'
import { ApiError } from '../http/errors.ts'

/** A block that there was and that this node does not hold is told apart from one that there never was. */
export function refusePruned({ chain }: HydraNode, height: number): void {
  if (height < 1 || height >= chain.lowest) return
  throw new ApiError(404, 'BLOCK_PRUNED', `This node holds blocks from ${chain.lowest} on, not block ${height}.`, {
    advice: 'Ask a node that keeps every block (hydra_node --archive).',
  })
}
