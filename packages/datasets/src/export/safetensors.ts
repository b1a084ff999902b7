/**
 * A model as a safetensors file (github.com/huggingface/safetensors): 8 bytes with the length of the header, little-endian;
 * the header, JSON padded with spaces; the values. Tensors keep the engine's names, order and shapes: the weight of a dense
 * layer is [inputs, outputs], the transpose of PyTorch's. The metadata say so, and say which model of which chain it is.
 */
import { contentIdOf, type Hash, HydraError, utf8 } from '@hydraai/core'
import {
  ENGINE_SHA256,
  type ModelDocument,
  modelDocumentCodec,
  type ParameterTensor,
  parameterCount,
  parameterLayout,
  parametersOfBytes,
  parametersToBytes,
} from '@hydraai/engine'

export const EXPORT_FORMAT = 'hydra-export/1'

const ALIGNMENT = 8
/** The longest header of a document that a chain takes is far shorter. */
const MAX_HEADER_BYTES = 1024 * 1024
const LAYOUT = 'dense and attention weights are [inputs, outputs]: transpose them for torch.nn.Linear'

/** Where a model is from. */
export interface ExportOrigin {
  readonly chainId: string
  readonly model: string
  /** How many aggregations are behind the parameters. */
  readonly version: number
  readonly data: Hash
  readonly tokenizer: Hash | null
}

export interface ExportedModel {
  readonly document: ModelDocument
  readonly parameters: Float32Array
  /** All that the file says of itself: {@link EXPORT_FORMAT}, chain, model, version, hashes. */
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * The file of a model. `notes`: what else is to stand in the metadata, names of classes for instance.
 * @throws HydraError MODEL_INVALID, SHAPE_MISMATCH
 */
export function toSafetensors(source: {
  readonly document: ModelDocument
  readonly parameters: Float32Array
  readonly origin: ExportOrigin
  readonly notes?: Readonly<Record<string, string>>
}): Uint8Array {
  const { document, parameters, origin, notes = {} } = source
  const count = parameterCount(document)
  if (parameters.length !== count) {
    throw new HydraError('SHAPE_MISMATCH', `${parameters.length} parameters, but the model has ${count}`)
  }
  const values = parametersToBytes(parameters)
  const metadata = {
    ...notes,
    format: EXPORT_FORMAT,
    chain: origin.chainId,
    model: origin.model,
    version: String(origin.version),
    parameters: contentIdOf(values),
    data: origin.data,
    ...(origin.tokenizer !== null && { tokenizer: origin.tokenizer }),
    engine: ENGINE_SHA256,
    document: JSON.stringify(document),
    layout: LAYOUT,
  }
  const header = utf8(JSON.stringify({ __metadata__: metadata, ...tensorEntries(document) }))
  const padded = Math.ceil(header.length / ALIGNMENT) * ALIGNMENT
  const file = new Uint8Array(8 + padded + values.length).fill(0x20, 8 + header.length, 8 + padded)
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true)
  file.set(header, 8)
  file.set(values, 8 + padded)
  return file
}

/**
 * The model of a file that {@link toSafetensors} wrote. The file may come from a stranger: its values must be those whose hash
 * it names.
 * @throws HydraError EXPORT_INVALID
 */
export function ofSafetensors(file: Uint8Array): ExportedModel {
  const { header, values } = partsOf(file)
  const { __metadata__: metadata, ...tensors } = header
  if (!isTexts(metadata) || metadata.format !== EXPORT_FORMAT) throw invalid(`it is not in the format ${EXPORT_FORMAT}`)
  try {
    const document = modelDocumentCodec.fromWire(JSON.parse(metadata.document ?? ''), '$')
    if (values.length !== 4 * parameterCount(document)) throw invalid('it has more or fewer values than its model')
    const expected = tensorEntries(document)
    if (!sameEntries(tensors, expected)) throw invalid('its tensors are not those of its model')
    if (contentIdOf(values) !== metadata.parameters) throw invalid('its values do not have the hash that it names')
    return { document, parameters: parametersOfBytes(values), metadata }
  } catch (cause) {
    if (cause instanceof HydraError && cause.code === 'EXPORT_INVALID') throw cause
    throw invalid('its model is not usable', cause)
  }
}

interface TensorEntry {
  readonly dtype: 'F32'
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

function tensorEntries(document: ModelDocument): Record<string, TensorEntry> {
  const entries = parameterLayout(document).map(({ name, shape, offset }: ParameterTensor): [string, TensorEntry] => {
    const size = shape.reduce((product, length) => product * length, 1)
    return [name, { dtype: 'F32', shape, data_offsets: [4 * offset, 4 * (offset + size)] }]
  })
  return Object.fromEntries(entries)
}

function sameEntries(tensors: Record<string, unknown>, expected: Record<string, TensorEntry>): boolean {
  const names = Object.keys(expected)
  if (Object.keys(tensors).length !== names.length) return false
  return names.every(name => {
    const { dtype, shape, data_offsets } = (tensors[name] ?? {}) as Record<string, unknown>
    const { shape: length, data_offsets: offsets } = expected[name]!
    return dtype === 'F32' && `${shape}` === `${length}` && `${data_offsets}` === `${offsets}`
  })
}

function partsOf(file: Uint8Array): { header: Record<string, unknown>; values: Uint8Array } {
  if (file.length < 8) throw invalid('it is cut off')
  const length = new DataView(file.buffer, file.byteOffset, file.byteLength).getBigUint64(0, true)
  if (length > BigInt(Math.min(MAX_HEADER_BYTES, file.length - 8))) throw invalid('its header is too long or cut off')
  const end = 8 + Number(length)
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, end)))
    if (typeof header !== 'object' || header === null) throw invalid('its header is no object')
    return { header: header as Record<string, unknown>, values: file.subarray(end) }
  } catch (cause) {
    if (cause instanceof HydraError) throw cause
    throw invalid('its header is not JSON', cause)
  }
}

function isTexts(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every(text => typeof text === 'string')
}

function invalid(what: string, cause?: unknown): HydraError<'EXPORT_INVALID'> {
  return new HydraError('EXPORT_INVALID', `The export is not usable: ${what}.`, {
    advice: 'Export the model again.',
    ...(cause === undefined ? {} : { cause }),
  })
}
