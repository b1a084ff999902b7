import { encode } from '@hydraai/core'
import { blockCodec, type LedgerState } from '@hydraai/ledger'
import { expect, test } from 'vitest'
import { TestNetwork } from '../api/testing/world.ts'
import type { CommittedBlock } from '../chain/chain.ts'
import { Mempool } from '../mempool/mempool.ts'
import { silentLogger } from '../ports.ts'
import { systemClock } from '../process/systemClock.ts'
import { BlockJudge } from './blocks.ts'

/** A committed block that carries a computed result, and the state before it. */
async function blockWithUpdate(network: TestNetwork) {
  const node = await network.node(0)
  let before: LedgerState = node.state
  const { block, state } = await new Promise<{ block: CommittedBlock['block']; state: LedgerState }>(resolve => {
    node.chain.committed.add(({ block, state }) => {
      if (block.results.length > 0) resolve({ block, state: before })
      before = state
    })
  })
  return { block, chain: { genesis: node.chain.genesis, state } }
}

test('a block whose results are still being computed is not valid yet, however often it is proposed', async () => {
  const network = new TestNetwork()
  try {
    const { block, chain } = await blockWithUpdate(network)
    let answer: (holds: boolean) => void = () => {}
    const confirm = () => new Promise<boolean>(resolve => (answer = resolve))
    const judge = new BlockJudge({
      chain: chain as never,
      mempool: new Mempool(chain.state),
      results: { ready: () => [], confirm },
      clock: systemClock,
      logger: silentLogger,
    })
    const candidate = judge.decode(encode(blockCodec, block))
    const verdicts = [judge.judge(candidate, block.header.proposer), judge.judge(candidate, block.header.proposer)]
    await new Promise(resolve => setImmediate(resolve))
    expect(candidate.applied).toBeNull()
    answer(false)
    expect(await Promise.all(verdicts)).toEqual([false, false])
    const again = judge.judge(candidate, block.header.proposer)
    await new Promise(resolve => setImmediate(resolve))
    answer(true)
    expect(await again).toBe(true)
    expect(candidate.applied?.state.height).toBe(block.header.height)
  } finally {
    await network.close()
  }
})
