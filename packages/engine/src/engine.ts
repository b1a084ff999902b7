import { HydraError } from '@hydraai/core'
import { Allocator } from './allocator.ts'
import { type ModelDocument, modelDocumentCodec } from './document.ts'
import { decodePlanOf } from './generation/decodePlan.ts'
import { CachedGenerator, type Generator } from './generation/generator.ts'
import { type Sampling, sample } from './generation/sampling.ts'
import { CompiledModel, type Model } from './model.ts'
import { planOf } from './plan.ts'
import type { Crew } from './threads/crew.ts'
import { scratchOf } from './threads/scratch.ts'
import { LOSSES_BYTES, splitKernels } from './threads/split.ts'
import { Team } from './threads/team.ts'
import { instantiate, type Kernels, kernelsOver, moduleForThreads } from './wasm.ts'

/** Largest batch that a model may be compiled for. */
export const MAX_BATCH = 65_536
/** Pages of 64 KiB that an engine may take unless told otherwise: 1 GiB. */
export const DEFAULT_PAGES = 16_384

/** One instance of the module with a memory of its own. As many as wanted may be made, one in each worker, say. */
export interface Engine {
  /**
   * Lays a model out for batches of `batch` samples and asks once for the memory it needs; its parameters are zero until set
   * or initialised.
   * @throws HydraError CODEC_INVALID, MODEL_INVALID, BATCH_INVALID, ENGINE_MEMORY
   */
  compile(document: ModelDocument, batch: number): Model
  /**
   * The bytes that compiling the document would take, which is all that the model ever needs: parameters, gradients, the
   * optimiser's state, and what lies between the layers at the worst moment of a step. Nothing is allocated.
   * @throws HydraError CODEC_INVALID, MODEL_INVALID, BATCH_INVALID
   */
  bytesOf(document: ModelDocument, batch: number): number
  /**
   * Lays a language model out to be asked, one token at a time, and asks once for the memory it needs; its parameters are zero
   * until set.
   * @throws HydraError CODEC_INVALID, MODEL_INVALID, GENERATOR_UNSUPPORTED, ENGINE_MEMORY
   */
  generator(document: ModelDocument): Generator
  /** The bytes that a generator of the document would take. Nothing is allocated. @throws HydraError as {@link generator} */
  generatorBytesOf(document: ModelDocument): number
  /** Draw number `index` of the seed from logits. @throws HydraError SAMPLING_INVALID, NON_FINITE, SHAPE_MISMATCH */
  sample(logits: Float32Array, sampling: Sampling, index: number): number
  /** Bytes held by models and generators that were not disposed of. */
  readonly allocatedBytes: number
  /** Threads that work, the one that uses the engine included. */
  readonly threads: number
}

export interface EngineOptions {
  /** Most pages of 64 KiB that the engine may take, 16,384 unless given; a crew's memory has its own limit. */
  memoryPages?: number
  /** Threads that help; null: none. They change no bit. */
  crew?: Crew | null
}

/** An engine and what lies under it, for tests of single kernels. */
export interface OpenEngine extends Engine {
  readonly kernels: Kernels
  readonly memory: WebAssembly.Memory
  readonly allocator: Allocator
}

/** For tests: `grain` and `helpersOnly` as in `threads/split.ts` and `threads/team.ts`. */
interface OpenEngineOptions extends EngineOptions {
  grain?: number
  helpersOnly?: boolean
}

/** {@link createEngine}, with the kernels in reach. */
export function createOpenEngine(wasm: Uint8Array, options: OpenEngineOptions = {}): OpenEngine {
  const { own, kernels, memory, allocator, threads } = options.crew
    ? withCrew(wasm, options.crew, options)
    : alone(wasm, options.memoryPages ?? DEFAULT_PAGES)
  // Documents come from strangers too: the same checks as when one is decoded.
  const check = (document: ModelDocument, batch = 1): void => {
    modelDocumentCodec.toWire(document)
    if (!Number.isSafeInteger(batch) || batch < 1 || batch > MAX_BATCH) {
      throw new HydraError('BATCH_INVALID', `a batch of ${batch} samples`, { advice: `Use 1 to ${MAX_BATCH}.` })
    }
  }
  return {
    kernels,
    memory,
    allocator,
    compile(document, batch) {
      check(document, batch)
      return new CompiledModel(structuredClone(document), batch, memory, kernels, allocator, threads)
    },
    bytesOf(document, batch) {
      check(document, batch)
      return planOf(document, batch, kernels, threads).bytes
    },
    generator(document) {
      check(document)
      // One token is too little work to be shared.
      return new CachedGenerator(document, memory, own, allocator)
    },
    generatorBytesOf(document) {
      check(document)
      return decodePlanOf(document, own).bytes
    },
    sample: (logits, sampling, index) => sample(own, logits, sampling, index),
    get allocatedBytes() {
      return allocator.allocatedBytes
    },
    threads,
  }
}

interface Base extends Pick<OpenEngine, 'kernels' | 'memory' | 'allocator' | 'threads'> {
  /** The kernels on the calling thread alone. */
  own: Kernels
}

function alone(wasm: Uint8Array, memoryPages: number): Base {
  const { kernels, memory } = instantiate(wasm, memoryPages)
  return { own: kernels, kernels, memory, allocator: new Allocator(memory, kernels.heapBase()), threads: 1 }
}

/** Behind the module's own memory lie the scratch memories of the helpers, then what models are given. */
function withCrew(wasm: Uint8Array, crew: Crew, { grain, helpersOnly = false }: OpenEngineOptions): Base {
  const { memory, size } = crew
  const own = kernelsOver(memory, moduleForThreads(wasm))
  const allocator = new Allocator(memory, scratchOf(own, size))
  const losses = allocator.reserve(LOSSES_BYTES)
  const team = new Team(crew, own, helpersOnly)
  return { own, kernels: splitKernels(own, team, memory, losses, grain), memory, allocator, threads: size }
}

/**
 * The engine over the bytes of `build/engine.wasm`.
 * @throws HydraError ENGINE_MISMATCH, ENGINE_UNSUPPORTED, ENGINE_THREADS when the crew is another engine's or was closed
 */
export function createEngine(wasm: Uint8Array, options: EngineOptions = {}): Engine {
  const engine = createOpenEngine(wasm, options)
  return {
    compile: engine.compile,
    bytesOf: engine.bytesOf,
    generator: engine.generator,
    generatorBytesOf: engine.generatorBytesOf,
    sample: engine.sample,
    threads: engine.threads,
    get allocatedBytes() {
      return engine.allocatedBytes
    },
  }
}
