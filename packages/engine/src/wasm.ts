import { HydraError, hashOf } from '@hydraai/core'
import { sharedModule } from './threads/sharedModule.ts'
import { ENGINE_SHA256 } from './version.ts'

/** A byte offset into the engine's memory. 0: none. */
export type Address = number

/** How an accumulator of a matrix product starts; see `kernels/tile.ts`. */
export const START = { zero: 0, c: 1, rowBias: 2, columnBias: 3 } as const

/**
 * The functions of `kernels/`, which documents each. Flags are 0 or 1. Some take further arguments, which name a part of the
 * result and are 0 where they are missing: `threads/split.ts` uses them.
 */
export interface Kernels {
  heapBase(): Address
  scratchBytes(): number
  useScratch(address: Address): void
  matmul(
    a: Address,
    b: Address,
    c: Address,
    m: number,
    n: number,
    k: number,
    transposeA: number,
    transposeB: number,
    start: number,
    bias: Address,
  ): void
  packFilters(weights: Address, filters: number, length: number, to: Address): void
  packTurnedFilters(weights: Address, filters: number, channels: number, area: number, to: Address): void
  conv2d(
    x: Address,
    packedFilters: Address,
    bias: Address,
    y: Address,
    batch: number,
    channels: number,
    height: number,
    width: number,
    filters: number,
    size: number,
    padding: number,
    stride: number,
    spread: number,
    outHeight: number,
    outWidth: number,
    padded: Address,
    panel: Address,
  ): void
  conv2dFilterGradient(
    x: Address,
    dy: Address,
    gradient: Address,
    batch: number,
    channels: number,
    height: number,
    width: number,
    filters: number,
    size: number,
    padding: number,
    stride: number,
    outHeight: number,
    outWidth: number,
    padded: Address,
    panelsA: Address,
    panelB: Address,
  ): void
  relu(x: Address, y: Address, count: number): void
  reluBackward(y: Address, dy: Address, count: number): void
  maxPool(x: Address, y: Address, planes: number, height: number, width: number, size: number, rectify: number): void
  maxPoolBackward(
    x: Address,
    y: Address,
    dy: Address,
    dx: Address,
    planes: number,
    height: number,
    width: number,
    size: number,
    rectify: number,
  ): void
  avgPool(x: Address, y: Address, planes: number, height: number, width: number, size: number): void
  avgPoolBackward(dy: Address, dx: Address, planes: number, height: number, width: number, size: number): void
  gelu(x: Address, y: Address, slope: Address, count: number): void
  silu(x: Address, y: Address, slope: Address, count: number): void
  multiply(a: Address, b: Address, y: Address, count: number): void
  add(a: Address, b: Address, y: Address, count: number): void
  scale(x: Address, count: number, factor: number): void
  clear(x: Address, count: number): void
  copy(from: Address, to: Address, count: number): void
  dropout(
    x: Address,
    y: Address,
    count: number,
    threshold: number,
    gain: number,
    stream: number,
    step: number,
    k0: number,
    k1: number,
  ): void
  mapExp(x: Address, y: Address, count: number): void
  mapFunction(which: number, x: Address, y: Address, count: number): void
  embedding(
    tokens: Address,
    table: Address,
    positions: Address,
    y: Address,
    rows: number,
    context: number,
    width: number,
  ): void
  embeddingBackward(
    tokens: Address,
    dy: Address,
    dtable: Address,
    dpositions: Address,
    rows: number,
    context: number,
    width: number,
  ): void
  layerNorm(
    x: Address,
    y: Address,
    gain: Address,
    offset: Address,
    stats: Address,
    rows: number,
    width: number,
    epsilon: number,
  ): void
  layerNormBackward(
    x: Address,
    stats: Address,
    gain: Address,
    dy: Address,
    dx: Address,
    dgain: Address,
    doffset: Address,
    rows: number,
    width: number,
    accumulate: number,
  ): void
  layerNormSums(
    x: Address,
    stats: Address,
    dy: Address,
    dgain: Address,
    doffset: Address,
    rows: number,
    width: number,
    columns: number,
  ): void
  groupNorm(
    x: Address,
    y: Address,
    gain: Address,
    offset: Address,
    stats: Address,
    batch: number,
    channels: number,
    pixels: number,
    groups: number,
    epsilon: number,
  ): void
  groupNormBackward(
    x: Address,
    stats: Address,
    gain: Address,
    dy: Address,
    dx: Address,
    dgain: Address,
    doffset: Address,
    batch: number,
    channels: number,
    pixels: number,
    groups: number,
  ): void
  attention(
    qkv: Address,
    weights: Address,
    out: Address,
    batch: number,
    context: number,
    heads: number,
    size: number,
    scale: number,
    a: Address,
    b: Address,
  ): void
  attentionBackward(
    qkv: Address,
    weights: Address,
    dout: Address,
    dqkv: Address,
    batch: number,
    context: number,
    heads: number,
    size: number,
    scale: number,
    products: Address,
    a: Address,
    b: Address,
  ): void
  decodeLinear(x: Address, panels: Address, bias: Address, y: Address, inputs: number, units: number): void
  decodeAttention(
    qkv: Address,
    keys: Address,
    values: Address,
    weights: Address,
    out: Address,
    place: number,
    context: number,
    heads: number,
    size: number,
    scale: number,
  ): void
  columnSums(x: Address, rows: number, columns: number, sums: Address): void
  channelSums(x: Address, batch: number, channels: number, pixels: number, sums: Address): void
  sumOfSquares(x: Address, count: number): number
  softmaxCrossEntropy(
    logits: Address,
    labels: Address,
    rows: number,
    classes: number,
    gradient: Address,
    scale: number,
    predictions: Address,
  ): number
  squaredError(outputs: Address, targets: Address, count: number, gradient: Address, scale: number): number
  adamw(
    parameters: Address,
    gradients: Address,
    first: Address,
    second: Address,
    count: number,
    beta1: number,
    gain1: number,
    beta2: number,
    gain2: number,
    rate: number,
    scale: number,
    epsilon: number,
    decay: number,
  ): void
  sgd(
    parameters: Address,
    gradients: Address,
    velocity: Address,
    count: number,
    rate: number,
    momentum: number,
    nesterov: number,
  ): void
  philox(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number, to: Address): void
  fillUniform(
    to: Address,
    count: number,
    low: number,
    high: number,
    stream: number,
    n0: number,
    n1: number,
    k0: number,
    k1: number,
  ): void
  fillNormal(
    to: Address,
    count: number,
    deviation: number,
    stream: number,
    n0: number,
    n1: number,
    k0: number,
    k1: number,
  ): void
  exp(x: number): number
  ln(x: number): number
  sinOfTurns(turns: number): number
  cosOfTurns(turns: number): number
}

const PAGE_BYTES = 65_536
const INITIAL_PAGES = 16

/** @throws HydraError ENGINE_MISMATCH when the bytes are not the engine of this version */
function checkHash(wasm: Uint8Array): void {
  const hash = hashOf(wasm)
  if (hash !== ENGINE_SHA256) {
    throw new HydraError('ENGINE_MISMATCH', `the engine's hash is ${hash}, but this version needs ${ENGINE_SHA256}`, {
      advice: 'Run "npm run build -w @hydraai/engine".',
    })
  }
}

function supported<T>(make: () => T): T {
  try {
    return make()
  } catch (cause) {
    throw new HydraError('ENGINE_UNSUPPORTED', 'the engine cannot run here', {
      advice: 'Use a browser or Node version with WebAssembly SIMD and enough free memory.',
      cause,
    })
  }
}

/**
 * Instantiates the engine's module over a memory of its own.
 * @throws HydraError ENGINE_MISMATCH when the bytes are not the engine of this version, ENGINE_UNSUPPORTED where
 * WebAssembly with SIMD is missing
 */
export function instantiate(wasm: Uint8Array, maximumPages: number): { kernels: Kernels; memory: WebAssembly.Memory } {
  checkHash(wasm)
  return supported(() => {
    const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: maximumPages })
    return { kernels: kernelsOver(memory, new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>)), memory }
  })
}

/** A memory that threads share. @throws HydraError ENGINE_UNSUPPORTED */
export function sharedMemory(maximumPages: number): WebAssembly.Memory {
  return supported(() => new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: maximumPages, shared: true }))
}

/** The engine's module for memories that threads share. @throws HydraError as {@link instantiate} */
export function moduleForThreads(wasm: Uint8Array): WebAssembly.Module {
  checkHash(wasm)
  return supported(() => new WebAssembly.Module(sharedModule(wasm)))
}

/** An instance of the module over a memory. */
export function kernelsOver(memory: WebAssembly.Memory, module: WebAssembly.Module): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels
}

/** Grows the memory until it holds `bytes`; false where that is more than it may have. */
export function growTo(memory: WebAssembly.Memory, bytes: number): boolean {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES)
  if (missing <= 0) return true
  try {
    memory.grow(missing)
    return true
  } catch {
    return false
  }
}
