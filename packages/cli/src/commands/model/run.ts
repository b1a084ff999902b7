import { findNode } from '../../running/findNode.ts'
import { createModel } from './create.ts'
import { exportModel } from './export.ts'
import type { ModelCommand } from './flags.ts'
import { listModels } from './list.ts'
import { showModel } from './show.ts'
import { trainModel } from './train.ts'

/** Carries out a `model` command against the running node. Answers the exit code. */
export async function runModel(given: ModelCommand): Promise<number> {
  const node = await findNode(given.flags)
  switch (given.command) {
    case 'create':
      return await createModel(node, given.flags)
    case 'list':
      return await listModels(node, given.flags)
    case 'show':
      return await showModel(node, given.name, given.flags)
    case 'train':
      return await trainModel(node, given.flags)
    case 'export':
      return await exportModel(node, given.name, given.flags)
  }
}
