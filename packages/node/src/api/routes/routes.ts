import { type Hash, isHash, parseAddress } from '@hydraai/core'
import { transactionId } from '@hydraai/ledger'
import type { HydraNode } from '../../node.ts'
import type { BlockReader } from '../history/blocks.ts'
import type { LedgerIndex } from '../history/ledgerIndex.ts'
import { type Route, rawRoute, route } from '../http/route.ts'
import * as shapes from '../http/schemas.ts'
import { accountAnswer } from '../views/accounts.ts'
import { blockAnswer, blockRow, transactionAnswer } from '../views/blocks.ts'
import { committeeAnswer } from '../views/committee.ts'
import { disputesAnswer } from '../views/disputes.ts'
import { modelAnswer, modelRows } from '../views/models.ts'
import { peersAnswer } from '../views/peers.ts'
import type { SampleReader } from '../views/samples.ts'
import { statusAnswer } from '../views/status.ts'
import { trainingAnswer } from '../views/training.ts'
import { updateAnswer, updatesAnswer } from '../views/updates.ts'
import { stakeOf, transferOf, unstakeOf, walletAnswer } from '../views/wallet.ts'
import { askRoutes } from './askRoutes.ts'
import { contentRoutes } from './contentRoutes.ts'
import { proofRoutes } from './proofRoutes.ts'
import { refusePruned } from './pruned.ts'

export interface RouteParts {
  readonly node: HydraNode
  readonly index: LedgerIndex
  readonly blocks: BlockReader
  readonly samples: SampleReader
}

const { requests } = shapes

/** Every route of the API, in the order of its description. */
export function apiRoutes(parts: RouteParts): Route[] {
  return [
    ...chainRoutes(parts),
    ...proofRoutes(parts),
    ...modelRoutes(parts),
    ...activityRoutes(parts),
    ...askRoutes(parts.node),
    ...contentRoutes(parts.node),
    ...secretRoutes(parts),
  ]
}

function chainRoutes({ node, index, blocks }: RouteParts): Route[] {
  const nameOf = node.nameOf.bind(node)
  return [
    route('GET', '/api/status', {
      summary: 'What the node is, how it is, and why',
      query: requests.nothing,
      answer: shapes.status,
      handle: () => statusAnswer(node, index),
    }),
    route('GET', '/api/peers', {
      summary: 'Connected peers',
      query: requests.nothing,
      answer: shapes.peers,
      handle: () => peersAnswer(node),
    }),
    route('GET', '/api/committee', {
      summary: 'Who decides the next block, who else has a stake, and when the next committee is drawn',
      query: requests.nothing,
      answer: shapes.committee,
      handle: () => committeeAnswer(node),
    }),
    route('GET', '/api/blocks', {
      summary: 'Final blocks below `before`, newest first',
      query: requests.blocks,
      answer: shapes.blocks,
      handle: async ({ query: { before = Number.MAX_SAFE_INTEGER, limit } }) => {
        const top = Math.min(node.chain.height, before - 1)
        const { lowest } = node.chain
        const length = Math.max(0, Math.min(limit, top - lowest + 1))
        const heights = Array.from({ length }, (_, i) => top - i)
        return { blocks: (await blocks.many(heights)).map(stored => blockRow(stored, nameOf)), lowest }
      },
    }),
    route('GET', '/api/blocks/:heightOrHash', {
      summary: 'One final block, with its transactions and everything it did',
      params: requests.blockId,
      query: requests.nothing,
      answer: shapes.block,
      handle: async ({ params: { heightOrHash: id } }) => {
        if (!isHash(id)) refusePruned(node, Number(id))
        const stored = await (isHash(id) ? blocks.byHash(id) : blocks.at(Number(id)))
        return stored && blockAnswer(stored, nameOf)
      },
    }),
    route('GET', '/api/transactions/:id', {
      summary: 'A transaction, in a block or waiting for one',
      params: requests.transactionId,
      query: requests.nothing,
      answer: shapes.transaction,
      handle: async ({ params }) => {
        const id = params.id as Hash
        // Waiting first: between the two looks it can only go from the first place to the second.
        const pending = node.mempool.get(id)
        const height = await node.chain.heightOfTransaction(id)
        if (height === undefined) return pending && transactionAnswer(pending, null, nameOf)
        const stored = await blocks.at(height)
        const transaction = stored?.block.transactions.find(one => transactionId(one) === id)
        return stored && transaction && transactionAnswer(transaction, stored, nameOf)
      },
    }),
    route('GET', '/api/accounts/:address', {
      summary: 'An account, all zero for an address without one, and the entries that made its balance, newest first',
      params: requests.address,
      query: requests.account,
      answer: shapes.account,
      handle: ({ params, query }) => accountAnswer(parseAddress(params.address), query, { node, index, blocks }),
    }),
  ]
}

function modelRoutes({ node, index, blocks, samples }: RouteParts): Route[] {
  return [
    route('GET', '/api/models', {
      summary: 'The models of the network and the round each is in',
      query: requests.nothing,
      answer: shapes.models,
      handle: () => ({ models: modelRows(node) }),
    }),
    route('GET', '/api/models/:id', {
      summary: 'A model and its versions',
      params: requests.modelId,
      query: requests.nothing,
      answer: shapes.model,
      handle: ({ params }) => modelAnswer(node, index, params.id),
    }),
    route('GET', '/api/models/:id/samples', {
      summary: 'Held-out samples, always the same, with what the model says of each now',
      params: requests.modelId,
      query: requests.nothing,
      answer: shapes.samples,
      handle: ({ params }) => samples.of(params.id),
    }),
    route('GET', '/api/models/:id/updates', {
      summary: 'The updates of a model, those under way first: losses, audit, verdicts and what came of each',
      params: requests.modelId,
      query: requests.updates,
      answer: shapes.updates,
      handle: ({ params, query }) => updatesAnswer(node, index, params.id, query),
    }),
    route('GET', '/api/models/:id/updates/:round/:trainer/:unit', {
      summary: 'One update with its hashes, its dispute, and every line of the ledger about it',
      params: requests.updateId,
      query: requests.nothing,
      answer: shapes.update,
      handle: ({ params: { id, round, trainer, unit } }) =>
        updateAnswer(
          { node, index, blocks },
          { model: id, round: Number(round), trainer: parseAddress(trainer), unit: Number(unit) },
        ),
    }),
    route('GET', '/api/disputes', {
      summary: 'Disputes about updates, open and ended, the newest first',
      query: requests.updates,
      answer: shapes.disputes,
      handle: ({ query }) => disputesAnswer(node, index, query),
    }),
  ]
}

function activityRoutes({ node, index }: RouteParts): Route[] {
  return [
    route('GET', '/api/training', {
      summary: 'What this node trains and checks now',
      query: requests.nothing,
      answer: shapes.training,
      handle: () => trainingAnswer(node, index),
    }),
    route('GET', '/api/log', {
      summary: 'The newest lines of the activity log, oldest first',
      query: requests.log,
      answer: shapes.log,
      handle: ({ query }) => ({ entries: [...node.journal.recent(query.limit)] }),
    }),
    rawRoute(
      '/api/events',
      'Live events (block, status, training, log, peers, model), each with the JSON of its GET; training brings new losses only',
      'text/event-stream',
    ),
    rawRoute('/api/openapi.json', 'This description', 'application/json'),
    rawRoute('/metrics', 'Metrics for Prometheus', 'text/plain'),
  ]
}

/** What spends or changes something, or tells what is on its way. */
function secretRoutes({ node }: RouteParts): Route[] {
  const setPaused = (paused: boolean) => {
    if (node.paused !== paused) node.setPaused(paused)
    return { paused: node.paused }
  }
  return [
    route('GET', '/api/wallet', {
      summary: "This node's own account",
      secret: true,
      query: requests.nothing,
      answer: shapes.wallet,
      handle: () => walletAnswer(node),
    }),
    route('POST', '/api/wallet/send', {
      summary: 'Sends HYDRA',
      secret: true,
      body: requests.send,
      answer: shapes.accepted,
      handle: ({ body }) => {
        const { action, tip } = transferOf(node, body)
        return { transaction: node.outbox.send(action, { tip }) }
      },
    }),
    route('POST', '/api/wallet/stake', {
      summary: 'Bonds HYDRA, so that this node may check the work of others',
      secret: true,
      body: requests.stake,
      answer: shapes.accepted,
      handle: ({ body }) => ({ transaction: node.outbox.send(stakeOf(node, body)) }),
    }),
    route('POST', '/api/wallet/unstake', {
      summary: 'Takes HYDRA back from the stake; it is free when it can no longer be lost to evidence',
      secret: true,
      body: requests.stake,
      answer: shapes.accepted,
      handle: ({ body }) => ({ transaction: node.outbox.send(unstakeOf(node, body)) }),
    }),
    route('POST', '/api/node/pause', {
      summary: 'Stops training; votes and checks go on',
      secret: true,
      body: requests.nothing,
      answer: shapes.pausedAnswer,
      handle: () => setPaused(true),
    }),
    route('POST', '/api/node/resume', {
      summary: 'Goes on training',
      secret: true,
      body: requests.nothing,
      answer: shapes.pausedAnswer,
      handle: () => setPaused(false),
    }),
  ]
}
