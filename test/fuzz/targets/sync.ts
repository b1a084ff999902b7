import { commitCodec } from '@hydraai/consensus'
import { bool, decode, encode, list, micro, struct, text, uintMax } from '@hydraai/core'
import { blockCodec, signedTransactionCodec, signTransaction, transactionId } from '@hydraai/ledger'
import { batchCodec, MAX_BATCH_BYTES } from '../../../packages/node/src/mempool/batch.ts'
import { Mempool } from '../../../packages/node/src/mempool/mempool.ts'
import { packShortIds, unpackShortIds } from '../../../packages/node/src/mempool/shortId.ts'
import * as protocols from '../../../packages/node/src/sync/protocols.ts'
import { promise, type Target, unlessRefused } from '../engine/target.ts'
import { codecTarget } from './codecTarget.ts'
import { digestOf, sample } from './world.ts'

export function targets(): readonly Target[] {
  const { world, before, transactions, founders } = sample()
  const { state } = world
  const status = {
    chainId: state.chainId,
    genesis: digestOf('genesis'),
    engine: digestOf('engine'),
    height: state.height,
    hash: state.blockHash,
    name: 'alice',
    address: founders[0].address,
    activity: 'training',
    serves: ['hydra-gpt'],
    lowest: 0,
  }
  const blocks = world.blocks.slice(0, 2).map((block, i) => ({
    block: encode(blockCodec, block),
    commit: encode(commitCodec, world.blocks[i + 1]!.lastCommit!),
  }))
  const bytes = transactions.map(one => encode(signedTransactionCodec, one))
  return [
    codecTarget('status', protocols.statusCodec, [status as never], { maxBytes: protocols.MAX_STATUS_BYTES }),
    codecTarget('blocks-request', protocols.blocksRequestCodec, [{ from: 1, count: 100 }], { maxBytes: 1_024 }),
    codecTarget('blocks-response', protocols.blocksResponseCodec, [[], blocks]),
    codecTarget('mempool-request', protocols.mempoolRequestCodec, [packShortIds(transactions.map(transactionId))], {
      use: packed => new Mempool(state).missingFrom(unpackShortIds(packed), 100_000),
    }),
    codecTarget('transaction-batch', batchCodec, [bytes], {
      maxBytes: MAX_BATCH_BYTES,
      use(batch) {
        const mempool = new Mempool(before[1]!)
        for (const one of batch)
          if (unlessRefused(() => mempool.take(one)) === undefined) unlessRefused(() => mempool.addEarly(one))
        promise(mempool.bytes <= batch.reduce((sum, one) => sum + one.length, 0), 'more waits than came')
      },
    }),
    mempool(),
  ]
}

/** What somebody with keys sends: who, how far ahead, with which tip, how much to whom; every few a block passes. */
const sendings = list(
  struct({ who: uintMax(7), ahead: uintMax(80), tip: micro, amount: micro, memo: text({ maxBytes: 64 }), block: bool }),
  { max: 400 },
)

/** A small mempool in which everything that can happen happens soon. */
function mempool(): Target {
  const { before, world, founders } = sample()
  const limits = { maxCount: 12, maxBytes: 4_000, maxCountPerAccount: 6, maxBytesPerAccount: 1_600 }
  const states = [...before, world.state]
  const seed = Array.from({ length: 40 }, (_, i) => ({
    ...{ who: i % 5, ahead: i % 7, tip: BigInt(i * 900), amount: BigInt(i), memo: '', block: i % 11 === 10 },
  }))
  return {
    name: 'mempool',
    format: 'cbor',
    seeds: [encode(sendings, seed), encode(sendings, seed.toReversed())],
    maxBytes: 32_768,
    run(input) {
      const sent = unlessRefused(() => decode(sendings, input))
      if (sent === undefined) return false
      let height = 0
      const mempool = new Mempool(states[0]!, limits)
      for (const { who, ahead, tip, amount, memo, block } of sent) {
        const keys = founders[who % founders.length]!
        const to = founders[(who + 1) % founders.length]!.address
        const nonce = (states[height]!.accounts.get(keys.address)?.nonce ?? 0) + ahead
        const action = { type: 'transfer' as const, to, amount, memo }
        const bytes = unlessRefused(() =>
          encode(signedTransactionCodec, signTransaction(keys, { chainId: world.state.chainId, nonce, tip, action })),
        )
        if (bytes !== undefined && unlessRefused(() => mempool.take(bytes)) === undefined)
          unlessRefused(() => mempool.addEarly(bytes))
        if (block && height + 1 < states.length) mempool.advance(states[++height]!)
        checkHeld(mempool, limits)
      }
      return true
    },
  }
}

function checkHeld(mempool: Mempool, limits: { maxCount: number; maxBytes: number }): void {
  promise(mempool.size <= limits.maxCount && mempool.bytes <= limits.maxBytes, 'the mempool is over its limits')
  const held = mempool.missingFrom(new Set(), Number.MAX_SAFE_INTEGER)
  promise(held.length === mempool.size, 'the mempool counts otherwise than it holds')
  promise(
    held.reduce((sum, one) => sum + one.length, 0) === mempool.bytes,
    'the mempool counts other bytes than it holds',
  )
  const senders = new Map<string, number>()
  for (const { sender, nonce } of mempool.ordered(100)) {
    const last = senders.get(sender)
    promise(last === undefined || nonce === last + 1, 'transactions are offered with a gap or out of order')
    senders.set(sender, nonce)
  }
}
