import { statfs } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Evaluation, float32OfBits, formatAmount, type Hash, HydraError } from '@hydraai/core'
import { accountOf } from '@hydraai/ledger'
import { type DataFolder, type HydraNode, type RunningNode, stateOf } from '@hydraai/node'
import type { Reporter, Standing } from '../output/reporter.ts'

const POLL_MS = 500
/** Less than this and the next block may not fit. */
const LITTLE_SPACE_BYTES = 16 * 1024 * 1024

/** Tells what the node does until it is asked to stop (answers false) or can no longer take part (true). */
export async function watchNode(options: {
  running: RunningNode
  reporter: Reporter
  announcesPage: boolean
  stop: AbortSignal
}): Promise<boolean> {
  const { running, reporter, stop } = options
  const { node } = running
  announce(running, reporter, options.announcesPage)
  const detach = [
    node.chain.committed.add(({ block, hash, events }) => {
      const { height, time } = block.header
      reporter.block({ height, hash, time, transactions: block.transactions.length })
      for (const event of events) if (event.type === 'model') reporter.model({ ...versionOf(event), height })
    }),
    node.journal.added.add(entry => reporter.activity(entry)),
  ]
  try {
    while (!stop.aborted) {
      if (node.consensus.progress.halted) return true
      reporter.standing(standingOf(node))
      await sleep(POLL_MS, undefined, { signal: stop }).catch(() => {})
    }
    return false
  } finally {
    for (const remove of detach) remove()
  }
}

function announce({ node, api }: RunningNode, reporter: Reporter, announcesPage: boolean): void {
  const { network } = node.ports
  reporter.ready({
    name: node.name,
    address: node.address,
    peerId: network.peerId,
    addresses: network.addresses(),
    api: api?.url ?? null,
    token: api?.token ?? null,
    pid: process.pid,
    height: node.chain.height,
    chainId: node.chain.chainId,
    genesis: node.chain.genesisHash,
    announcesPage,
  })
  for (const entry of node.journal.recent(20)) reporter.activity(entry)
  const { height } = node.chain
  for (const { id, version, parameters, evaluation } of node.state.models.values())
    reporter.model({ ...versionOf({ model: id, version, parameters, evaluation, updates: 0 }), height })
}

function versionOf({
  model,
  version,
  parameters,
  evaluation,
  updates,
}: {
  model: string
  version: number
  parameters: Hash
  evaluation: Evaluation
  updates: number
}) {
  const { correct, total, lossBits } = evaluation
  const accuracy = total === 0 ? 0 : correct / total
  return { model, version, accuracy, loss: float32OfBits(lossBits), parameters, updates }
}

function standingOf(node: HydraNode): Standing {
  return {
    height: node.chain.height,
    peers: node.peers.all().length,
    synced: node.synced,
    balance: formatAmount(accountOf(node.state, node.address).balance),
    doing: doingOf(node),
  }
}

function doingOf(node: HydraNode): string {
  const { training, verifying } = node.activity
  if (training) return `training on ${training.label}, step ${training.step} of ${training.steps}`
  if (verifying) return `checking ${verifying.label}, step ${verifying.step} of ${verifying.steps}`
  return stateOf(node).reason
}

/** Why a node stops taking part on its own: it could no longer write down what it does. */
export async function haltedError(folder: DataFolder, cause: unknown): Promise<HydraError> {
  // The storage knows best what is wrong with it, and says what to do.
  if (cause instanceof HydraError && /^(STORAGE|LOG)_/.test(cause.code)) return cause
  const space = await statfs(folder.path).catch(() => null)
  const full = space !== null && space.bavail * space.bsize < LITTLE_SPACE_BYTES
  return full
    ? new HydraError('STORAGE_FULL', `The disk that holds ${folder.path} is full, so the node stopped.`, {
        advice: 'Free some space and start it again. Everything it had confirmed is still stored.',
        cause,
      })
    : new HydraError('CONSENSUS_HALTED', 'The node could not write down what it does, so it stopped.', {
        advice: `Look at the log above and at the disk that holds ${folder.path}, then start it again.`,
        cause,
      })
}
