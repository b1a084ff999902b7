import { encode, toHex } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SMALL_CNN } from '../test/support.ts'
import { documentHash, type Layer, type ModelDocument, modelDocumentOfBytes, modelDocumentToBytes } from './document.ts'
import { parameterCount, parameterLayout } from './shapes.ts'

const dense = (units: number): Layer => ({ type: 'dense', units })
const conv = (filters: number, kernel: number, padding: number): Layer => ({ type: 'conv2d', filters, kernel, padding })

function model(input: number[], layers: Layer[]): ModelDocument {
  return { format: 'hydra-model/1', input, layers, loss: 'softmax-cross-entropy' }
}

describe('a model document', () => {
  test('comes back from its encoding as it was', () => {
    const layer = fc.oneof(fc.constant<Layer>({ type: 'relu' }), fc.integer({ min: 1, max: 300 }).map(dense))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.array(layer, { maxLength: 20 }), (features, layers) => {
        const document = model([features], [...layers, dense(2)])
        expect(modelDocumentOfBytes(modelDocumentToBytes(document))).toEqual(document)
      }),
      { numRuns: 50 },
    )
    expect(modelDocumentOfBytes(modelDocumentToBytes(SMALL_CNN))).toEqual(SMALL_CNN)
  })

  test('has a hash that depends on every number in it, and never changes', () => {
    expect(documentHash(SMALL_CNN)).toBe('3740822157f620ea067388afc33518b6ff2071a73a9b7be13a5501fa5f5d6e0b')
    const changed = structuredClone(SMALL_CNN)
    changed.layers[3] = conv(9, 3, 1)
    expect(documentHash(changed)).not.toBe(documentHash(SMALL_CNN))
  })

  test('lays its parameters out as PyTorch does, layer after layer, weight before bias', () => {
    expect(parameterLayout(SMALL_CNN).slice(0, 6)).toEqual([
      { name: 'layers.0.weight', shape: [6, 2, 3, 3], offset: 0 },
      { name: 'layers.0.bias', shape: [6], offset: 108 },
      { name: 'layers.3.weight', shape: [9, 6, 3, 3], offset: 114 },
      { name: 'layers.3.bias', shape: [9], offset: 600 },
      { name: 'layers.6.weight', shape: [108, 21], offset: 609 },
      { name: 'layers.6.bias', shape: [21], offset: 2877 },
    ])
    expect(parameterCount(SMALL_CNN)).toBe(3118)
  })

  test.each<[string, ModelDocument, RegExp]>([
    ['an input of two dimensions', model([28, 28], [dense(10)]), /input/],
    ['an image into a dense layer', model([1, 28, 28], [dense(10)]), /layer 0 \(dense\)/],
    ['features into a convolution', model([784], [conv(4, 3, 1), dense(10)]), /layer 0 \(conv2d\)/],
    ['a kernel larger than its image', model([1, 4, 4], [conv(4, 5, 0), { type: 'flatten' }, dense(2)]), /kernel 5/],
    ['padding as wide as the kernel', model([1, 4, 4], [conv(4, 3, 3), { type: 'flatten' }, dense(2)]), /padding 3/],
    ['a window larger than its image', model([1, 3, 9], [{ type: 'maxpool2d', size: 4 }]), /window 4/],
    ['no classes', model([1, 3, 3], [conv(4, 3, 1)]), /loss/],
    ['a single class', model([9], [dense(1)]), /loss/],
    ['nothing to train', model([9], [{ type: 'relu' }]), /nothing to train/],
    [
      'an embedding behind another layer',
      model([9], [dense(4), { type: 'embedding', vocabulary: 5, width: 4 }]),
      /layer 1/,
    ],
    ['attention to an image', model([1, 3, 3], [{ type: 'attention', heads: 1 }]), /context/],
    [
      'a width that is no multiple of its heads',
      model(
        [9],
        [
          { type: 'embedding', vocabulary: 5, width: 4 },
          { type: 'attention', heads: 3 },
        ],
      ),
      /3 heads/,
    ],
    [
      'groups that do not divide',
      model([3, 4, 4], [{ type: 'groupNorm', groups: 2 }, { type: 'flatten' }, dense(2)]),
      /groups/,
    ],
    [
      'a residual block of another shape',
      model([9], [{ type: 'residual', layers: [dense(8)] }, dense(2)]),
      /\[8\] of \[9\]/,
    ],
    ['a residual block of nothing', model([9], [{ type: 'residual', layers: [] }, dense(2)]), /no layers/],
    ['a tied head without an embedding', model([9], [dense(4), { type: 'tiedHead' }]), /tiedHead/],
    ['too many parameters', model([65_536], [dense(65_536), dense(2)]), /parameters/],
    ['too many values between layers', model([1, 9999, 9999], [{ type: 'flatten' }, dense(2)]), /too large/],
  ])('is refused with %s', (_, document, problem) => {
    const refusal = expect.objectContaining({ code: 'MODEL_INVALID', message: expect.stringMatching(problem) })
    expect(() => modelDocumentToBytes(document)).toThrow(refusal)
  })

  test('is refused when it holds what no layer has, or misses what it needs', () => {
    const refusal = expect.objectContaining({ code: 'CODEC_INVALID' })
    for (const layer of [
      { type: 'lstm' },
      { type: 'dense' },
      { type: 'dense', units: 0 },
      { type: 'dense', units: 1.5 },
    ]) {
      expect(() => modelDocumentToBytes(model([4], [layer as Layer, dense(2)]))).toThrow(refusal)
    }
    expect(() => modelDocumentToBytes({ ...model([4], [dense(2)]), loss: 'hinge' as never })).toThrow(refusal)
    expect(() => modelDocumentToBytes(model([4], Array(65).fill({ type: 'relu' })))).toThrow(refusal)
  })

  test('has one spelling: what is usual is left out', () => {
    const said = model(
      [1, 9, 9],
      [{ ...conv(4, 3, 1), stride: 1 } as Layer, { type: 'flatten' }, { ...dense(2), bias: 1 } as Layer],
    )
    const unsaid = model([1, 9, 9], [conv(4, 3, 1), { type: 'flatten' }, dense(2)])
    expect(documentHash(said)).toBe(documentHash(unsaid))
    expect(modelDocumentOfBytes(modelDocumentToBytes(said))).toEqual(unsaid)
    const strided = model([1, 9, 9], [{ ...conv(4, 3, 1), stride: 2 } as Layer, { type: 'flatten' }, dense(2)])
    expect(modelDocumentOfBytes(modelDocumentToBytes(strided))).toEqual(strided)
    const spelt = { toWire: () => ({ ...unsaid, layers: said.layers }), fromWire: () => null }
    expect(() => modelDocumentOfBytes(encode(spelt, null))).toThrow(expect.objectContaining({ code: 'CODEC_INVALID' }))
  })

  test('is refused when residual blocks stand in one another too deep', () => {
    let layer: Layer = dense(4)
    for (let depth = 0; depth < 4; depth++) layer = { type: 'residual', layers: [layer] }
    const refusal = expect.objectContaining({ code: 'CODEC_INVALID', message: expect.stringMatching(/residual/) })
    expect(() => modelDocumentToBytes(model([4], [layer, dense(2)]))).toThrow(refusal)
  })

  test('lays out a transformer as PyTorch does', () => {
    const document = model(
      [7],
      [
        { type: 'embedding', vocabulary: 11, width: 4 },
        { type: 'residual', layers: [{ type: 'layerNorm' }, { type: 'attention', heads: 2 }] },
        { ...dense(11), bias: 0 } as Layer,
      ],
    )
    expect(parameterLayout(document).map(({ name, shape }) => [name, ...shape])).toEqual([
      ['layers.0.weight', 11, 4],
      ['layers.0.positions', 7, 4],
      ['layers.1.layers.0.weight', 4],
      ['layers.1.layers.0.bias', 4],
      ['layers.1.layers.1.qkv.weight', 4, 12],
      ['layers.1.layers.1.qkv.bias', 12],
      ['layers.1.layers.1.out.weight', 4, 4],
      ['layers.1.layers.1.out.bias', 4],
      ['layers.2.weight', 4, 11],
    ])
  })

  test('is refused from bytes that are cut short, longer, or another document', () => {
    const bytes = modelDocumentToBytes(SMALL_CNN)
    expect(toHex(bytes.subarray(0, 1))).toBe('a4')
    const refusal = expect.objectContaining({ code: 'CODEC_INVALID' })
    expect(() => modelDocumentOfBytes(bytes.subarray(0, -1))).toThrow(refusal)
    expect(() => modelDocumentOfBytes(Uint8Array.of(...bytes, 0))).toThrow(refusal)
    const list = { toWire: () => [1, 2, 3], fromWire: () => null }
    expect(() => modelDocumentOfBytes(encode(list, null))).toThrow(refusal)
  })
})
