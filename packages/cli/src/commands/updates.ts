import { findNode } from '../running/findNode.ts'
import type { UpdatesCommand } from '../updates/flags.ts'
import { showDisputes } from '../updates/showDisputes.ts'
import { showUpdates } from '../updates/showUpdates.ts'

/** `hydra_node updates|disputes`, against the running node. Answers the exit code. */
export async function updates({ command, flags }: UpdatesCommand): Promise<number> {
  const node = await findNode(flags)
  return command === 'updates' ? showUpdates(node, flags) : showDisputes(node, flags)
}
