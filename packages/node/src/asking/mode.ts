import { type Codec, decode } from '@hydraai/core'
import { MAX_BLOB_BYTES } from '@hydraai/storage'

/** Anything as it is: of a dataset one field is wanted, without the checks of millions of tokens. */
const anyCodec: Codec<unknown> = { toWire: value => value, fromWire: wire => wire }

/** How a model that learnt from this dataset is to be spoken to. @throws HydraError CODEC_INVALID */
export function modeOfDataset(bytes: Uint8Array): 'answer' | 'continue' {
  const dataset = decode(anyCodec, bytes, { maxBytes: MAX_BLOB_BYTES })
  const mode = typeof dataset === 'object' && dataset !== null && 'mode' in dataset ? dataset.mode : undefined
  return mode === 'text' ? 'continue' : 'answer'
}
