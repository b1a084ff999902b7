import {
  type Codec,
  contentIdOf,
  decode,
  encode,
  type Hash,
  type Infer,
  list,
  literal,
  struct,
  uintMax,
  uintRange,
  variant,
} from '@hydraai/core'
import { checkShapes } from './shapes.ts'

/** Longest encoding that is read. */
const MAX_DOCUMENT_BYTES = 65_536

const layerCodec = variant({
  conv2d: { filters: uintRange(1, 4096), kernel: uintRange(1, 15), padding: uintMax(14) },
  relu: {},
  maxpool2d: { size: uintRange(2, 16) },
  flatten: {},
  dense: { units: uintRange(1, 65_536) },
})

const fields = struct({
  format: literal('hydra-model/1'),
  input: list(uintRange(1, 65_536), { max: 3 }),
  layers: list(layerCodec, { max: 64 }),
  loss: literal('softmax-cross-entropy'),
})

/**
 * One layer. `conv2d`: stride 1, square kernel, zero padding on each side, with bias. `maxpool2d`: square window, stride =
 * window, what does not fill a window is left out. `dense`: with bias. Images are [channels, height, width].
 */
export type Layer = Infer<typeof layerCodec>

/**
 * A model as data. `input` is the shape of one sample, [channels, height, width] or [features]; the last layer gives one
 * logit for each class.
 */
export type ModelDocument = Infer<typeof fields>

/** Both directions check the document wholly, shapes included. @throws HydraError CODEC_INVALID, MODEL_INVALID */
export const modelDocumentCodec: Codec<ModelDocument> = {
  toWire(document, path) {
    const wire = fields.toWire(document, path)
    checkShapes(document)
    return wire
  },
  fromWire(wire, path) {
    const document = fields.fromWire(wire, path)
    checkShapes(document)
    return document
  },
}

/** The name of an architecture: the content id of its canonical encoding. @throws as {@link modelDocumentCodec} */
export function documentHash(document: ModelDocument): Hash {
  return contentIdOf(modelDocumentToBytes(document))
}

/** The canonical encoding of a document: what its hash names. @throws as {@link modelDocumentCodec} */
export function modelDocumentToBytes(document: ModelDocument): Uint8Array {
  return encode(modelDocumentCodec, document)
}

/** The document of bytes from a stranger. @throws as {@link modelDocumentCodec} */
export function modelDocumentOfBytes(bytes: Uint8Array): ModelDocument {
  return decode(modelDocumentCodec, bytes, { maxBytes: MAX_DOCUMENT_BYTES })
}
