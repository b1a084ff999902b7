import { HydraError } from '@hydraai/core'
import { ExitCode } from '../../exit.ts'
import { Terminal } from '../../output/terminal.ts'
import type { FoundNode } from '../../running/findNode.ts'
import type { TrainFlags } from './flags.ts'
import { printJson } from './output.ts'
import { modelNamed, onlySchema } from './shapes.ts'

/** Tells the node which model to train: one only, or all in turn. It keeps to it over a restart. */
export async function trainModel({ client }: FoundNode, { only, all, json }: TrainFlags): Promise<number> {
  if ((only === undefined) === (all === undefined)) {
    throw new HydraError('OPTION_INVALID', 'What the node is to train is not said.', {
      advice: 'Give --only NAME, or --all.',
    })
  }
  if (only !== undefined) await modelNamed(client, only)
  const answer = await client.post('/api/node/only', { model: only ?? null }, onlySchema)
  if (json) printJson({ event: 'training', only: answer.only })
  else
    new Terminal().line(
      answer.only === null ? 'The node trains every model in turn.' : `The node trains ${answer.only} only.`,
    )
  return ExitCode.ok
}
