import type { ChainParameters } from '../genesis/parameters.ts'

type EpochLength = Pick<ChainParameters, 'epochBlocks'>

/** The epoch that a block belongs to: 1 for genesis and the first `epochBlocks` blocks. */
export function epochOf({ epochBlocks }: EpochLength, height: number): number {
  return height === 0 ? 1 : Math.floor((height - 1) / epochBlocks) + 1
}

/** Whether the block is its epoch's last: at its end the next committee is drawn. */
export function endsEpoch({ epochBlocks }: EpochLength, height: number): boolean {
  return height > 0 && height % epochBlocks === 0
}
