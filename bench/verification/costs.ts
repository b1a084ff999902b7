/** What each kind of job takes of one core, measured on the models and recipes that ship, through the node's own workbench. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Address, addressOf, contentIdOf, type Hash, type PublicKey, taggedHash, utf8 } from '@hydraai/core'
import { modelDocumentToBytes, parametersToBytes } from '@hydraai/engine'
import { type FoundingTask, Workbench } from '@hydraai/node'
import { encodeDataset, initialParameters, stateSizeOf, type TrainedUnit } from '@hydraai/training'
import { loadEngine } from '../../packages/training/test/loadEngine.ts'

/** Milliseconds of one core, and bytes. */
export interface JobCosts {
  /** A unit, with the base's loss known. */
  readonly trainMs: number
  /** The base's loss on one probe, which a node finds once a round. */
  readonly probeMs: number
  /** A light check, with the base's losses known. */
  readonly lightMs: number
  /** The replay of a whole unit, without the light check. */
  readonly replayMs: number
  /** Putting updates together: once, and for each update. */
  readonly aggregateMs: number
  readonly aggregateEachMs: number
  /** The norm of one update, as the proposer of a base looks at it. */
  readonly normMs: number
  /** The score of new parameters on what is held out. */
  readonly evaluateMs: number
  /** One optimiser step of a ruling, from a state and to one. */
  readonly stepMs: number
  readonly payloadBytes: number
  /** What a unit leaves out, which an auditor of the next one fetches; 0 where nothing is left out. */
  readonly residualBytes: number
  readonly stateBytes: number
}

const ROUND = 1
/** Of one job, all its repeats together. */
const ENOUGH_MS = 8_000

/** `repeats`: how often each job is done at most. */
export function measureCosts(task: FoundingTask, repeats: number): JobCosts {
  const { id: model, document, dataset, recipe } = task
  const bench = new Workbench(readFileSync(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm'))))
  const first = task.checkpoint?.parameters ?? initialParameters(loadEngine(), document, digest('parameters'))
  const [documentBytes, dataBytes] = [modelDocumentToBytes(document), encodeDataset(dataset)]
  const inputs = { document: contentIdOf(documentBytes), data: contentIdOf(dataBytes), recipe }
  bench.provide(inputs.document, documentBytes)
  bench.provide(inputs.data, dataBytes)
  const parameters = parametersToBytes(first)
  const momentum = parametersToBytes(new Float32Array(first.length))

  const trainer: Address = addressOf(digest('trainer') as string as PublicKey)
  const id = { beacon: digest('beacon'), model, round: ROUND, unit: 0, trainer }
  const before = bench.train({ ...inputs, parameters, id, residual: null })
  // With what the unit before it left, as in every round but the first.
  const unit = { ...inputs, parameters, id, residual: before.residual, lossBefore: before.lossBefore }
  const trained = bench.train(unit)
  const check = {
    ...unit,
    drawBeacon: digest('draw'),
    claim: claimOf(trained),
    payload: trained.payload,
    heldOutLoss: 0x40000000,
  }
  const light = bench.check({ ...check, segments: 0 })
  const known = { ...check, freshBefore: light.freshBefore }
  const payloads = (count: number) => new Array<Uint8Array>(count).fill(trained.payload)
  const state = bench.state(unit, recipe.stepsPerUnit - 1)

  const time = (work: () => void) => cpuMs(work, repeats)
  const lightMs = time(() => bench.check({ ...known, segments: 0 }))
  const { lossBefore: _known, ...unknown } = check
  const trainMs = time(() => bench.train(unit))
  const few = time(() => bench.aggregate({ ...inputs, parameters, momentum, payloads: payloads(4) }))
  const many = time(() => bench.aggregate({ ...inputs, parameters, momentum, payloads: payloads(12) }))
  const eachMs = Math.max(0, (many - few) / 8)
  return {
    trainMs,
    probeMs: Math.max(0, time(() => bench.check({ ...unknown, segments: 0 })) - lightMs) / 2,
    lightMs,
    replayMs: Math.max(0, time(() => bench.check({ ...known, segments: 1_000_000 })) - lightMs),
    aggregateMs: Math.max(0, few - 4 * eachMs),
    aggregateEachMs: eachMs,
    normMs: time(() => bench.norm({ document: inputs.document, recipe, payload: trained.payload })),
    evaluateMs: time(() => bench.evaluate({ document: inputs.document, data: inputs.data, parameters })),
    stepMs: time(() => {
      const [from, to] = [recipe.stepsPerUnit - 1, recipe.stepsPerUnit]
      bench.rule({ type: 'step', unit, before: state, from, to })
    }),
    payloadBytes: trained.payload.length,
    residualBytes: trained.residual?.length ?? 0,
    stateBytes: stateSizeOf(first.length),
  }
}

function claimOf(unit: TrainedUnit) {
  const { payloadId, payload, traceRoot, residualId } = unit
  return { payload: payloadId, payloadBytes: payload.length, traceRoot, residual: residualId }
}

/** The least of `repeats`, or of as many as take no longer than is enough: whatever else this machine does only adds to it. */
function cpuMs(work: () => void, repeats: number): number {
  let least = Number.POSITIVE_INFINITY
  for (let done = 0, spentMs = 0; done < repeats && spentMs < ENOUGH_MS; done++) {
    const began = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(began)
    const tookMs = (user + system) / 1_000
    least = Math.min(least, tookMs)
    spentMs += tookMs
  }
  return least
}

function digest(label: string): Hash {
  return taggedHash('bench/verification', utf8(label))
}
