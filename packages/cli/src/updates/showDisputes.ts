import { z } from 'zod'
import { printJson } from '../commands/model/output.ts'
import { ExitCode } from '../exit.ts'
import { Terminal } from '../output/terminal.ts'
import type { FoundNode } from '../running/findNode.ts'
import type { UpdatesFlags } from './flags.ts'

const disputesSchema = z.object({
  open: z.number(),
  disputes: z.array(
    z.object({
      model: z.string(),
      round: z.number(),
      trainer: z.string(),
      trainerName: z.string(),
      unit: z.number(),
      label: z.string(),
      openedAt: z.number(),
      until: z.number().nullable(),
      open: z.boolean(),
      question: z.string().nullable(),
      outcome: z.string().nullable(),
    }),
  ),
  before: z.string().nullable(),
})

/** The newest disputes, a line each. */
export async function showDisputes({ client }: FoundNode, flags: UpdatesFlags): Promise<number> {
  const answer = await client.get(`/api/disputes?limit=${flags.limit}`, disputesSchema)
  if (flags.json) {
    printJson({ event: 'disputes', ...answer })
    return ExitCode.ok
  }
  const t = new Terminal()
  if (answer.disputes.length === 0) t.line('There has been no dispute: no two findings contradicted each other.')
  for (const {
    model,
    round,
    trainer,
    trainerName,
    unit,
    label,
    openedAt,
    until,
    question,
    outcome,
  } of answer.disputes) {
    t.line(`${t.colors.bold(label)}, unit ${unit} of ${trainerName || trainer} in round ${round} of ${model}`)
    t.fact('opened', `block ${openedAt}`)
    if (question !== null) t.fact('now', `${question} Until block ${until}.`)
    else t.fact('over', `the update was ${outcome ?? 'decided on'}`)
  }
  return ExitCode.ok
}
