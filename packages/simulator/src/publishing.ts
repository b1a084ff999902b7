import { type Hash, HydraError } from '@hydraai/core'
import { modelDocumentToBytes } from '@hydraai/engine'
import { accountOf } from '@hydraai/ledger'
import type { FoundingTask, HydraNode } from '@hydraai/node'
import { encodeDataset } from '@hydraai/training'

/** Whether the node's account can pay for a model of its own. */
export function canPublish({ state, address }: HydraNode): boolean {
  const { balance, registered } = accountOf(state, address)
  return registered && balance >= state.parameters.fees.model
}

/** Stores the task's data at the node (or names other content in its place) and sends the transaction, if it is taken. */
export async function publish(node: HydraNode, task: FoundingTask, otherData?: Hash): Promise<void> {
  const { id: model, document, dataset, recipe, tokenizer } = task
  const data = otherData ?? (await node.library.put(encodeDataset(dataset)))
  try {
    node.outbox.sendFor(`publish/${model}`, {
      type: 'publish',
      model,
      document: modelDocumentToBytes(document),
      data,
      tokenizer: tokenizer ? await node.library.put(tokenizer) : null,
      recipe,
    })
  } catch (error) {
    if (!(error instanceof HydraError)) throw error
  }
}
