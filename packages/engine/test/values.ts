import type { ModelDocument } from '../src/document.ts'

/** Float32 values in -1..1 that depend on the index and the salt alone. */
export function values(count: number, salt = 0): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => scramble(i + salt * 7919) / 2 ** 31 - 1)
}

export function labels(count: number, classes: number, salt = 0): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => scramble(i + salt * 104_729) % classes)
}

/** A mixing of 32 bits (the finaliser of MurmurHash3). */
function scramble(word: number): number {
  let h = (word + 0x9e3779b9) | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** A model with every kind of layer, small and with sizes that are no multiple of a tile. */
export const SMALL_CNN: ModelDocument = {
  format: 'hydra-model/1',
  input: [2, 13, 11],
  layers: [
    { type: 'conv2d', filters: 6, kernel: 3, padding: 1 },
    { type: 'relu' },
    { type: 'maxpool2d', size: 2 },
    { type: 'conv2d', filters: 9, kernel: 3, padding: 0 },
    { type: 'relu' },
    { type: 'flatten' },
    { type: 'dense', units: 21 },
    { type: 'relu' },
    { type: 'dense', units: 10 },
  ],
  loss: 'softmax-cross-entropy',
}
