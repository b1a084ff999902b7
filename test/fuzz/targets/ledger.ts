import { makeCommit, verifyCommit } from '@hydraai/consensus'
import { decode, encode, equalBytes, HydraError, utf8 } from '@hydraai/core'
import {
  type Action,
  actionCodec,
  applyBlock,
  blockCodec,
  blockHash,
  buildBlock,
  checkGenesis,
  checkTransaction,
  commitHash,
  committeeOf,
  decodeState,
  encodeState,
  eventsCodec,
  genesisCodec,
  genesisEvents,
  genesisHash,
  genesisOfJson,
  genesisState,
  genesisToJson,
  headerCodec,
  historyProof,
  type LedgerEvidence,
  type LedgerState,
  ledgerEvidenceCodec,
  MAX_TRANSACTION_BYTES,
  moneyOf,
  resultCodec,
  resultsRoot,
  signedTransactionCodec,
  signTransaction,
  stateRoot,
  supplyOf,
  transactionBytes,
  transactionsRoot,
} from '@hydraai/ledger'
import { promise, type Target, unlessRefused } from '../engine/target.ts'
import { codecTarget } from './codecTarget.ts'
import { digestOf, evidenceOf, person, sample, signedPrecommit } from './world.ts'

export function targets(): readonly Target[] {
  const { world, before, transactions, founders } = sample()
  const { genesis, blocks, events, state } = world
  const reporter = founders[0]
  return [
    codecTarget('transaction', signedTransactionCodec, transactions, {
      maxBytes: MAX_TRANSACTION_BYTES,
      use(transaction, input) {
        promise(equalBytes(transactionBytes(transaction), input), 'a transaction has other bytes than it came with')
        for (const at of [before[0]!, state]) unlessRefused(() => checkTransaction(at, transaction))
      },
    }),
    signedAction(before),
    codecTarget('ledger-evidence', ledgerEvidenceCodec, evidences(), {
      use(evidence) {
        const nonce = state.accounts.get(reporter.address)?.nonce ?? 0
        const action = { type: 'evidence' as const, evidence }
        checkTransaction(state, signTransaction(reporter, { chainId: state.chainId, nonce, action }))
      },
    }),
    codecTarget(
      'header',
      headerCodec,
      blocks.map(block => block.header),
      { maxBytes: 65_536, use: blockHash },
    ),
    codecTarget('block', blockCodec, blocks, {
      use(block) {
        const at = before[Math.min(Math.max(block.header.height - 1, 0), before.length - 1)]!
        if (block.lastCommit !== null) {
          const commit = block.lastCommit
          unlessRefused(() => verifyCommit(at.chainId, committeeOf(at), commit))
        }
        const { state: after } = applyBlock(at, block)
        promise(stateRoot(after) === block.header.state, 'a block was taken whose state root is another')
      },
    }),
    forgedBlock(before),
    computedResult(before),
    codecTarget('events', eventsCodec, [genesisEvents(genesis), events.slice(-40)], {
      use: read => read.flatMap(moneyOf),
    }),
    {
      name: 'snapshot',
      format: 'bytes',
      seeds: [encodeState(before[0]!), encodeState(state)],
      run(input) {
        const read = unlessRefused(() => decodeState(input))
        if (read === undefined) return false
        promise(equalBytes(encodeState(read), input), 'what was read is written otherwise')
        // Whose root does not stand in a header is not used; its root must be computable.
        unlessRefused(() => stateRoot(read))
        return true
      },
    },
    codecTarget('genesis', genesisCodec, [genesis], {
      use(read) {
        checkGenesis(read)
        genesisHash(read)
        const first = genesisState(read)
        promise(supplyOf(first).total >= 0n, 'a chain begins with less than nothing')
        genesisEvents(read)
      },
    }),
    {
      name: 'genesis-json',
      format: 'json',
      seeds: [utf8(genesisToJson(genesis))],
      maxBytes: 300_000,
      run(input) {
        const read = unlessRefused(() => genesisOfJson(new TextDecoder().decode(input)))
        if (read === undefined) return false
        promise(genesisHash(genesisOfJson(genesisToJson(read))) === genesisHash(read), 'another genesis comes back')
        return true
      },
    },
  ]
}

/**
 * A block of a proposer who breaks the rules: whatever stands in its body, the header fits to it as far as the ledger can
 * be told apart from it, so that the rules for the body are what refuses it.
 */
function forgedBlock(before: readonly LedgerState[]): Target {
  const { world } = sample()
  return codecTarget('forged-block', blockCodec, world.blocks, {
    use(block) {
      const at = Math.max(0, block.header.height - 1) % before.length
      const state = before[at]!
      const good = world.blocks[at]!.header
      const { transactions, results, lastCommit } = block
      const fitting = {
        transactions: transactionsRoot(transactions),
        results: resultsRoot(results),
        lastCommit: commitHash(lastCommit),
      }
      applyBlock(state, { ...block, header: { ...good, time: block.header.time, ...fitting } })
    },
  })
}

/**
 * Any result in a block of a proposer whose validators would all agree to it: what the ledger itself takes. The first byte
 * chooses the state; the rest is the result.
 */
function computedResult(before: readonly LedgerState[]): Target {
  const { world } = sample()
  const seeds = world.blocks.flatMap(({ results }, at) =>
    results.map(result => Uint8Array.from([at, ...encode(resultCodec, result)])),
  )
  return {
    name: 'computed-result',
    format: 'bytes',
    seeds,
    maxBytes: 8_192,
    run(input) {
      const at = (input[0] ?? 0) % before.length
      const state = before[at]!
      const result = unlessRefused(() => decode(resultCodec, input.subarray(1)))
      if (result === undefined) return false
      promise(equalBytes(encode(resultCodec, result), input.subarray(1)), 'what was read is written otherwise')
      const { header, lastCommit } = world.blocks[at]!
      const { proposer, time, beaconProof } = header
      const parts = { proposer, time, beaconProof, transactions: [], results: [result], lastCommit }
      const built = unlessRefused(() => buildBlock(state, parts))
      if (built === undefined) return false
      const again = applyBlock(state, decode(blockCodec, encode(blockCodec, built.block)))
      promise(stateRoot(again.state) === stateRoot(built.state), 'what was built does not apply as it was built')
      promise(supplyOf(again.state).total >= 0n, 'there is less than nothing')
      return built.block.results.length > 0
    },
  }
}

/** A double vote, and a block of another committee that two founders signed. */
function evidences(): LedgerEvidence[] {
  const { world, founders } = sample()
  const { header: trueHeader } = world.blocks[1]!
  const header = { ...trueHeader, committee: digestOf('another committee') }
  const votes = founders
    .slice(1, 3)
    .map(keys => signedPrecommit(world.state.chainId, keys, header.height, blockHash(header), 0))
  const commit = makeCommit(header.height, 0, blockHash(header), votes)
  const hashes = [genesisHash(world.genesis), ...world.blocks.map(block => blockHash(block.header))]
  const proof = historyProof(hashes.slice(0, world.state.height), header.height)
  return [evidenceOf(world, founders[2]), { type: 'light-client-attack', header, commit, trueHeader, proof }]
}

/**
 * Any action, rightly signed by somebody who may do it: past the signature, where a stranger with a key is. The first
 * byte chooses who and in which state; the rest is the action.
 */
function signedAction(before: readonly LedgerState[]): Target {
  const { world, founders, transactions } = sample()
  const people = [...founders, person('newcomer')]
  const states = [...before, world.state]
  const seeds = transactions.map((transaction, i) => {
    const who = people.findIndex(keys => keys.publicKey === transaction.sender)
    const where = world.blocks.findIndex(block => block.transactions.includes(transaction))
    return Uint8Array.from([Math.max(who, 0), where, ...encode(actionCodec, transaction.action), i].slice(0, -1))
  })
  return {
    name: 'signed-action',
    format: 'bytes',
    seeds,
    maxBytes: 32_768,
    run(input) {
      const keys = people[(input[0] ?? 0) % people.length]!
      const at = (input[1] ?? 0) % states.length
      const state = states[at]!
      const action = unlessRefused<Action>(() => decode(actionCodec, input.subarray(2)))
      if (action === undefined) return false
      const nonce = state.accounts.get(keys.address)?.nonce ?? 0
      const transaction = signTransaction(keys, { chainId: state.chainId, nonce, action })
      const known = world.blocks[at]
      if (known === undefined) return unlessRefused(() => checkTransaction(state, transaction)) === undefined
      const { proposer, time, beaconProof } = known.header
      const { lastCommit } = known
      const parts = { proposer, time, transactions: [transaction], results: [], lastCommit, beaconProof }
      const built = unlessRefused(() => buildBlock(state, parts))
      if (built === undefined) return false
      promise(stateRoot(built.state) === built.block.header.state, 'the block says another state than it leads to')
      const again = applyBlock(state, decode(blockCodec, encode(blockCodec, built.block)))
      promise(stateRoot(again.state) === stateRoot(built.state), 'what was built does not apply as it was built')
      const odd = built.refused.find(({ error }) => !(error instanceof HydraError))
      if (odd !== undefined) throw odd.error
      return built.refused.length === 0
    },
  }
}
