import { setTimeout as sleep } from 'node:timers/promises'
import { formatAmount, HydraError } from '@hydraai/core'
import { z } from 'zod'
import { ExitCode } from '../exit.ts'
import { Terminal } from '../output/terminal.ts'
import { type FoundNode, findNode } from '../running/findNode.ts'
import { showCommittee } from '../staking/committee.ts'
import type { StakingCommand } from '../staking/flags.ts'
import { printJson } from './model/output.ts'
import { acceptedSchema } from './model/shapes.ts'

const POLL_MS = 300
const statusSchema = z.object({ chain: z.object({ blockIntervalMs: z.number() }) })
const transactionSchema = z.object({ status: z.enum(['committed', 'pending']), height: z.number().nullable() })
const eventsSchema = z.object({ events: z.array(z.object({ type: z.string(), text: z.string() })) })
/** Blocks that a transaction may take to be in one. */
const PATIENCE_BLOCKS = 6
const LEAST_PATIENCE_MS = 10_000

/** `hydra_node stake|unstake|committee`, against the running node. Answers the exit code. */
export async function staking(given: StakingCommand): Promise<number> {
  const node = await findNode(given.flags)
  if (given.command === 'committee') return showCommittee(node, given.flags)
  const { command, flags } = given
  const amount = formatAmount(given.amount)
  const { transaction } = await node.client.post(`/api/wallet/${command}`, { amount }, acceptedSchema)
  const sent = { event: command, amount, transaction }
  if (flags.wait === false) {
    if (flags.json) printJson({ ...sent, height: null })
    else new Terminal().line(`sent: ${command} ${amount} HYDRA, transaction ${transaction}`)
    return ExitCode.ok
  }
  const { height, said } = await finality(node, transaction)
  if (flags.json) printJson({ ...sent, height, said })
  else for (const text of said) new Terminal().line(`block ${height}: ${text}`)
  return ExitCode.ok
}

/** Waits for the block with the transaction, and tells what it did. */
async function finality(
  { client }: FoundNode,
  transaction: string,
): Promise<{ height: number; said: readonly string[] }> {
  const { chain } = await client.get('/api/status', statusSchema)
  const deadline = Date.now() + Math.max(LEAST_PATIENCE_MS, PATIENCE_BLOCKS * chain.blockIntervalMs)
  while (Date.now() < deadline) {
    const found = await client.find(`/api/transactions/${transaction}`, transactionSchema.extend(eventsSchema.shape))
    if (found?.height != null) return { height: found.height, said: found.events.map(({ text }) => text) }
    await sleep(POLL_MS)
  }
  throw new HydraError('NOT_FINAL_YET', `The transaction ${transaction} is not in a block yet.`, {
    advice: 'It still waits: look at it on the page, or ask again later. Do not send it a second time.',
  })
}
