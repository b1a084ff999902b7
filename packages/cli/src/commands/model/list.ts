import { ExitCode } from '../../exit.ts'
import { Terminal } from '../../output/terminal.ts'
import type { FoundNode } from '../../running/findNode.ts'
import type { ModelFlags } from './flags.ts'
import { printJson } from './output.ts'
import { modelsSchema } from './shapes.ts'
import { grouped, scoreText } from './words.ts'

/** The models of the network, a line each. */
export async function listModels({ client }: FoundNode, flags: ModelFlags): Promise<number> {
  const { models } = await client.get('/api/models', modelsSchema)
  if (flags.json) {
    printJson({ event: 'models', models })
    return ExitCode.ok
  }
  const terminal = new Terminal()
  const rows = models.map(model => [
    model.id,
    model.kind ?? '?',
    `version ${model.version}`,
    scoreText(model),
    `${grouped(model.parameterCount)} parameters`,
    model.owner === null ? 'of the founding' : `by ${model.ownerName ?? model.owner}`,
  ])
  const widths = Array.from({ length: 6 }, (_, i) => Math.max(0, ...rows.map(row => row[i]!.length)))
  for (const row of rows)
    terminal.line(
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
  if (rows.length === 0) terminal.line('The network has no models.')
  return ExitCode.ok
}
