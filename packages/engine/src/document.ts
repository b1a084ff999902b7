import {
  type Codec,
  codecError,
  contentIdOf,
  decode,
  encode,
  type Hash,
  list,
  literal,
  oneOf,
  struct,
  uintMax,
  uintRange,
  variant,
} from '@hydraai/core'
import { checkShapes } from './shapes.ts'

/** Longest encoding that is read. */
const MAX_DOCUMENT_BYTES = 65_536
const MAX_LAYERS = 64
/** Residual blocks may stand in one another so deep. */
const MAX_DEPTH = 3

/**
 * One layer. Images are [channels, height, width], sequences [context, width], all else [features].
 *
 * - `conv2d`: square kernel, zero padding on each side, with bias; stride 1 unless given.
 * - `maxpool2d`, `avgpool2d`: square window, stride = window; what does not fill a window is left out.
 * - `dense`: of the features, or of each place of a sequence; with bias unless `bias` is 0.
 * - `embedding`: first of all; tokens [context] become table[token] + positions[place].
 * - `layerNorm`: over the features or the width; `groupNorm`: over groups of an image's channels. Both with gain and offset.
 * - `attention`: causal, with `heads` heads and its four projections.
 * - `dropout`: `ratePpm` of a million values become 0 in training.
 * - `residual`: x + layers(x).
 * - `tiedHead`: last of all; each place times the transposed table of the embedding.
 */
export type Layer =
  | { type: 'conv2d'; filters: number; kernel: number; padding: number; stride?: number }
  | { type: 'relu' }
  | { type: 'gelu' }
  | { type: 'silu' }
  | { type: 'maxpool2d'; size: number }
  | { type: 'avgpool2d'; size: number }
  | { type: 'flatten' }
  | { type: 'dense'; units: number; bias?: number }
  | { type: 'embedding'; vocabulary: number; width: number }
  | { type: 'layerNorm' }
  | { type: 'groupNorm'; groups: number }
  | { type: 'attention'; heads: number }
  | { type: 'dropout'; ratePpm: number }
  | { type: 'residual'; layers: Layer[] }
  | { type: 'tiedHead' }

/** The name of what training makes small. */
export type LossName = 'softmax-cross-entropy' | 'masked-softmax-cross-entropy' | 'mse'

/**
 * A model as data. `input` is the shape of one sample: [channels, height, width], [features], or [context] tokens.
 * Cross-entropy takes a label for each sample, or for each place of a sequence; `masked`: the label -1 is left out. `mse`
 * takes values of the output's shape.
 */
export interface ModelDocument {
  format: 'hydra-model/1'
  input: number[]
  layers: Layer[]
  loss: LossName
}

/** Fields that are left out when they have this value, so that one layer has one spelling. */
const USUAL: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  conv2d: { stride: 1 },
  dense: { bias: 1 },
}

function layerCodecOf(depth: number): Codec<Layer> {
  const inner: Codec<Layer> = depth === 0 ? nothing : layerCodecOf(depth - 1)
  const full = variant({
    conv2d: {
      filters: uintRange(1, 4096),
      kernel: uintRange(1, 15),
      padding: uintMax(14),
      stride: uintRange(1, 15),
    },
    relu: {},
    gelu: {},
    silu: {},
    maxpool2d: { size: uintRange(2, 16) },
    avgpool2d: { size: uintRange(2, 64) },
    flatten: {},
    dense: { units: uintRange(1, 65_536), bias: uintMax(1) },
    embedding: { vocabulary: uintRange(2, 65_536), width: uintRange(1, 8192) },
    layerNorm: {},
    groupNorm: { groups: uintRange(1, 4096) },
    attention: { heads: uintRange(1, 256) },
    dropout: { ratePpm: uintRange(1, 999_999) },
    residual: { layers: list(inner, { max: MAX_LAYERS }) },
    tiedHead: {},
  })
  return {
    toWire: (layer, path) => withoutUsual(full.toWire(withUsual(layer) as never, path)),
    fromWire: (wire, path) => withoutUsual(full.fromWire(withUsual(wire), path)) as Layer,
  }
}

const nothing: Codec<Layer> = {
  toWire: (_, path = '$') => tooDeep(path),
  fromWire: (_, path) => tooDeep(path),
}

function tooDeep(path: string): never {
  throw codecError(path, `more than ${MAX_DEPTH} residual blocks stand in one another`)
}

function usualOf(value: unknown): Readonly<Record<string, number>> {
  if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string') return {}
  return Object.hasOwn(USUAL, value.type) ? USUAL[value.type]! : {}
}

function withUsual(value: unknown): unknown {
  const usual = Object.entries(usualOf(value))
  if (usual.length === 0) return value
  const filled = { ...(value as Record<string, unknown>) }
  for (const [name, number] of usual) filled[name] ??= number
  return filled
}

function withoutUsual(value: unknown): unknown {
  const usual = Object.entries(usualOf(value))
  if (usual.length === 0) return value
  const short = { ...(value as Record<string, unknown>) }
  for (const [name, number] of usual) if (short[name] === number) delete short[name]
  return short
}

const fields = struct({
  format: literal('hydra-model/1'),
  input: list(uintRange(1, 65_536), { max: 3 }),
  layers: list(layerCodecOf(MAX_DEPTH), { max: MAX_LAYERS }),
  loss: oneOf(['softmax-cross-entropy', 'masked-softmax-cross-entropy', 'mse']),
})

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
