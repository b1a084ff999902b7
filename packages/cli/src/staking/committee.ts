import { z } from 'zod'
import { printJson } from '../commands/model/output.ts'
import { ExitCode } from '../exit.ts'
import { Terminal } from '../output/terminal.ts'
import type { FoundNode } from '../running/findNode.ts'
import type { StakingFlags } from './flags.ts'

const memberSchema = z.object({
  address: z.string(),
  name: z.string(),
  self: z.boolean(),
  stake: z.string(),
  reputation: z.number(),
})
const committeeSchema = z.object({
  height: z.number(),
  blockHash: z.string(),
  epoch: z.number(),
  nextDraw: z.number(),
  nextDrawInMs: z.number(),
  size: z.number(),
  staked: z.number(),
  members: z.array(memberSchema.extend({ share: z.number() })),
  others: z.array(memberSchema.extend({ why: z.string() })),
  self: z.object({ member: z.boolean(), why: z.string() }),
})

/** Who votes now, a line each, and who else has a stake and why it does not vote. */
export async function showCommittee({ client }: FoundNode, { json }: StakingFlags): Promise<number> {
  const answer = await client.get('/api/committee', committeeSchema)
  if (json) {
    printJson({ event: 'committee', ...answer })
    return ExitCode.ok
  }
  const t = new Terminal()
  const { members, others } = answer
  t.fact('height', `${answer.height}:${answer.blockHash}`)
  t.fact(
    'epoch',
    `${answer.epoch}; the next committee is drawn at block ${answer.nextDraw}, ${inTime(answer.nextDrawInMs)}`,
  )
  t.fact('committee', `${members.length} of at most ${answer.size}; ${answer.staked} have a stake`)
  t.fact('you', answer.self.why)
  t.line()
  const width = Math.max(0, ...[...members, ...others].map(({ name, address }) => (name || address).length))
  for (const { name, address, share, stake, reputation, self } of members) {
    const power = `${(share * 100).toFixed(1)} %`.padStart(7)
    t.line(
      `  ${(name || address).padEnd(width)}  ${power} of the power  ${stake} HYDRA at stake, reputation ${reputation}${self ? '  (you)' : ''}`,
    )
  }
  for (const { name, address, stake, why } of others)
    t.line(t.colors.dim(`  ${(name || address).padEnd(width)}  ${'–'.padStart(7)}  ${stake} HYDRA at stake: ${why}`))
  return ExitCode.ok
}

function inTime(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `in about ${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `in about ${minutes} minutes` : `in about ${Math.round(minutes / 60)} hours`
}
