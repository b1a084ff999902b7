import { HydraError, taggedHash, utf8, ZERO_HASH } from '@hydraai/core'
import { ENGINE_SHA256, type ModelDocument, parameterLayout } from '@hydraai/engine'
import { initialParameters, mnistCnn, presets } from '@hydraai/training'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadEngine } from '../../test/loadEngine.ts'
import { ofSafetensors, toSafetensors } from './safetensors.ts'

const gpt = presets['gpt-small']({ format: 'hydra-text/1', context: 16, vocabulary: 300 }).document
const origin = { chainId: 'hydra-test', model: 'flowers', version: 3, data: ZERO_HASH, tokenizer: null }
const engine = loadEngine()

function exported(document: ModelDocument): { file: Uint8Array; parameters: Float32Array } {
  const parameters = initialParameters(engine, document, taggedHash('test/seed', utf8('export')))
  return { file: toSafetensors({ document, parameters, origin, notes: { classes: '["a"]' } }), parameters }
}

/** The header as any reader of the format sees it. */
function headerOf(
  file: Uint8Array,
): Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true))
  expect(length % 8).toBe(0)
  return JSON.parse(Buffer.from(file.subarray(8, 8 + length)).toString())
}

describe('an export', () => {
  test.each([
    ['cnn', mnistCnn],
    ['gpt', gpt],
  ])('of a %s gives the same model back, and says which it is', (_, document) => {
    const { file, parameters } = exported(document)
    const back = ofSafetensors(file)
    expect(back.document).toEqual(document)
    expect(back.parameters).toEqual(parameters)
    expect(back.metadata).toMatchObject({
      format: 'hydra-export/1',
      chain: 'hydra-test',
      model: 'flowers',
      version: '3',
      engine: ENGINE_SHA256,
      classes: '["a"]',
    })
  })

  test('is a safetensors file: named float32 tensors that fill it one after another', () => {
    const { file, parameters } = exported(mnistCnn)
    const { __metadata__, ...tensors } = headerOf(file)
    expect(Object.values(__metadata__!).every(value => typeof value === 'string')).toBe(true)
    expect(Object.keys(tensors)).toEqual(parameterLayout(mnistCnn).map(({ name }) => name))
    let at = 0
    for (const { dtype, shape, data_offsets } of Object.values(tensors)) {
      expect([dtype, data_offsets[0]]).toEqual(['F32', at])
      expect(data_offsets[1] - at).toBe(4 * shape.reduce((size, length) => size * length, 1))
      at = data_offsets[1]
    }
    expect(at).toBe(4 * parameters.length)
  })

  test('that was damaged is refused', () => {
    const { file } = exported(mnistCnn)
    fc.assert(
      fc.property(fc.nat({ max: file.length - 1 }), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, cut) => {
        const damaged = cut ? file.slice(0, at) : file.slice()
        if (!cut) damaged[at]! ^= flip
        try {
          // What the file says of itself beyond the model may have changed; the model may not.
          const { document, parameters } = ofSafetensors(damaged)
          expect(document).toEqual(mnistCnn)
          expect(parameters).toEqual(ofSafetensors(file).parameters)
        } catch (error) {
          if (!(error instanceof HydraError)) throw error
          expect(error.code).toBe('EXPORT_INVALID')
        }
      }),
      { numRuns: 100 },
    )
  })

  test('of the wrong number of parameters is not made', () => {
    expect(() => toSafetensors({ document: mnistCnn, parameters: new Float32Array(3), origin })).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
    )
  })
})
