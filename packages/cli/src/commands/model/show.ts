import { ExitCode } from '../../exit.ts'
import { Terminal } from '../../output/terminal.ts'
import type { FoundNode } from '../../running/findNode.ts'
import type { ModelFlags } from './flags.ts'
import { printJson } from './output.ts'
import { modelNamed } from './shapes.ts'
import { grouped, scoreText } from './words.ts'

/** Everything about one model. */
export async function showModel({ client }: FoundNode, name: string, flags: ModelFlags): Promise<number> {
  const model = await modelNamed(client, name)
  if (flags.json) {
    printJson({ event: 'model', ...model })
    return ExitCode.ok
  }
  const terminal = new Terminal()
  terminal.line(terminal.colors.bold(model.id))
  terminal.fact('kind', model.kind ?? 'not known yet')
  terminal.fact('score', scoreText(model))
  terminal.fact('version', `${model.version}`)
  terminal.fact('round', `${model.round} (${model.phase})`)
  if (model.settling !== null) terminal.fact('checking', `round ${model.settling.round} (${model.settling.phase})`)
  terminal.fact('size', `${grouped(model.parameterCount)} parameters`)
  terminal.fact(
    'owner',
    model.owner === null ? 'none: of the founding' : `${model.ownerName ?? ''} ${model.owner}`.trim(),
  )
  if (model.registeredAt > 0) terminal.fact('since', `block ${model.registeredAt}`)
  terminal.fact('layers', layersText(model.document))
  terminal.fact('weights', model.parameters)
  terminal.fact('data', model.data)
  if (model.tokenizer !== null) terminal.fact('tokens', model.tokenizer)
  return ExitCode.ok
}

function layersText(document: Record<string, unknown> | null): string {
  const layers = document?.layers
  if (!Array.isArray(layers)) return 'not here yet'
  return layers.map(layer => String((layer as { type?: unknown }).type)).join(', ')
}
