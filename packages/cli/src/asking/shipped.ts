import { readCheckpoint } from '@hydraai/datasets'
import { parametersToBytes } from '@hydraai/engine'
import { type HeldModel, heldModel } from './textModel.ts'

/** The language model that came with the program; undefined for a folder without one. @throws HydraError CHECKPOINT_INVALID */
export async function shippedModel(folder?: string): Promise<HeldModel> {
  const { model, version, document, tokenizer, parameters } = await readCheckpoint(folder)
  return heldModel({
    ...{ model, version, document, tokenizer, parameters: parametersToBytes(parameters) },
    from: 'the checkpoint that came with the program',
    mode: 'answer',
  })
}
