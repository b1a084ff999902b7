import { z } from 'zod'
import { printJson } from '../commands/model/output.ts'
import { modelNamed, modelsSchema } from '../commands/model/shapes.ts'
import { ExitCode } from '../exit.ts'
import { Terminal } from '../output/terminal.ts'
import type { FoundNode } from '../running/findNode.ts'
import type { UpdatesFlags } from './flags.ts'
import { auditText, lossText, payText, type UpdateRow, updateSchema, verdictsText } from './words.ts'

const updatesSchema = z.object({ updates: z.array(updateSchema.loose()), before: z.string().nullable() })

/** The newest updates, a line each, of one model or of all. */
export async function showUpdates({ client }: FoundNode, flags: UpdatesFlags): Promise<number> {
  const names =
    flags.model === undefined
      ? (await client.get('/api/models', modelsSchema)).models.map(({ id }) => id)
      : [(await modelNamed(client, flags.model)).id]
  const t = new Terminal()
  for (const model of names) {
    const answer = await client.get(`/api/models/${model}/updates?limit=${flags.limit}`, updatesSchema)
    if (flags.json) {
      printJson({ event: 'updates', model, ...answer })
      continue
    }
    t.line(t.colors.bold(model))
    if (answer.updates.length === 0) t.line(t.colors.dim('  no update yet'))
    for (const line of aligned(answer.updates.map(cellsOf))) t.line(`  ${line}`)
  }
  return ExitCode.ok
}

function cellsOf(update: UpdateRow): string[] {
  const { round, trainerName, trainer, reputation, label, outcome } = update
  return [
    `round ${round}`,
    trainerName || trainer,
    `${reputation}`,
    label,
    lossText(update),
    auditText(update),
    verdictsText(update),
    outcome,
    payText(update),
  ]
}

function aligned(rows: readonly string[][]): string[] {
  const columns = rows[0]?.length ?? 0
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map(row => row[at]!.length)))
  return rows.map(row =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  )
}
