import {
  type Aggregation,
  contentIdOf,
  encode,
  equalBytes,
  type Findings,
  findingsCodec,
  type Hash,
  isSuspicious,
  lightFindingsCodec,
  type Recipe,
  recipeCodec,
  segmentsOf,
  taggedHash,
  utf8,
  verdictDigest,
  ZERO_HASH,
} from '@hydraai/core'
import {
  type CheckJob,
  checkUnit,
  decodePayload,
  decodeState,
  encodePayload,
  encodeState,
  freshProbe,
  initialParameters,
  maxPayloadBytes,
  payloadLeaves,
  roundProbe,
  runOneStep,
  sealAgain,
  stateBytesAt,
  strataOf,
  tinyTask,
  traceRootOf,
  trainUnit,
  type UnitJob,
} from '@hydraai/training'
import { decodeInt8, encodeInt8 } from '../../../packages/training/src/codec/int8.ts'
import { decodeSparse, encodeSparse, maxSparseBytes } from '../../../packages/training/src/codec/sparse.ts'
import { addressNamed } from '../../../packages/training/test/fixtures.ts'
import { loadEngine } from '../../../packages/training/test/loadEngine.ts'
import { promise, type Target, unlessRefused } from '../engine/target.ts'
import { codecTarget } from './codecTarget.ts'

/** A tile and the beginning of another. */
const COUNT = 4_396
const KEEP_PPM = 20_000
/** What the model is said to lose on data that it was not trained on: 1, as bits of a float32. */
const HELD_OUT_LOSS = 0x3f800000

const digestOf = (label: string): Hash => taggedHash('fuzz', utf8(label))

export function targets(): readonly Target[] {
  const { recipe } = tinyTask()
  const sparse: Recipe = { ...recipe, compression: { type: 'sparse', keepPpm: KEEP_PPM, decayPpm: 950_000 } }
  return [
    codecTarget('recipe', recipeCodec, recipes(recipe, sparse), {
      use: read => promise(segmentsOf(read) >= 1 && segmentsOf(read) <= 64, 'a unit has more segments than it may'),
    }),
    codecTarget('findings', findingsCodec, findings(), {
      maxBytes: 4_096,
      use(read) {
        isSuspicious(read, HELD_OUT_LOSS)
        verdictDigest({ verifier: addressNamed('b'), salt: ZERO_HASH, findings: read })
        const { replay: _replay, ...light } = read
        encode(lightFindingsCodec, light)
      },
    }),
    int8Body(),
    sparseBody(),
    payload(recipe, sparse),
    trainingState(),
    ...units(recipe, sparse),
  ]
}

function recipes(...made: readonly Recipe[]): Recipe[] {
  const aggregations: Aggregation[] = [
    { type: 'trimmed-mean', trimPpm: 100_000 },
    { type: 'centred-clipping', iterations: 3, radiusPpm: 1_000_000 },
    { type: 'multi-krum', byzantinePpm: 300_000 },
  ]
  return [...made, ...aggregations.map(aggregation => ({ ...made[0]!, aggregation }))]
}

function findings(): Findings[] {
  const light = { fault: null, lossBefore: 0x40000000, lossAfter: 0x3f800000, freshBefore: 0x40000001, freshAfter: 1 }
  const keys = [digestOf('key 0'), digestOf('key 1')]
  return [
    { ...light, replay: null },
    { ...light, replay: { segments: 2, keys, mismatch: null } },
    { ...light, replay: { segments: 2, keys, mismatch: { type: 'seal' } } },
    { ...light, replay: { segments: 3, keys, mismatch: { type: 'trace', segment: 2 } } },
    { fault: 'trace', lossBefore: 0, lossAfter: 0, freshBefore: 0, freshAfter: 0, replay: null },
  ]
}

/** Some values, most of them small, as updates have them. */
function values(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => (((i * 7_919) % 1_009) / 504.5 - 1) ** 9)
}

function int8Body(): Target {
  const count = 300
  return {
    name: 'int8-body',
    format: 'bytes',
    seeds: [values(count), new Float32Array(count)].map(encodeInt8),
    maxBytes: 1_024,
    run(input) {
      const read = unlessRefused(() => decodeInt8(input, count))
      if (read === undefined) return false
      promise(read.length === count && read.every(Number.isFinite), 'an update is not so many finite values')
      return true
    },
  }
}

function sparseBody(): Target {
  const spread = values(COUNT)
  return {
    name: 'sparse-body',
    format: 'bytes',
    seeds: [
      spread,
      spread.map(Math.sign),
      spread.map((value, i) => (i % 100 === 7 ? value : 0)),
      new Float32Array(COUNT),
    ].map(one => encodeSparse(one, KEEP_PPM)),
    maxBytes: 2 * maxSparseBytes(COUNT, KEEP_PPM),
    run(input) {
      const read = unlessRefused(() => decodeSparse(input, COUNT, KEEP_PPM))
      if (read === undefined) return false
      promise(read.length === COUNT && read.every(Number.isFinite), 'an update is not so many finite values')
      promise(equalBytes(encodeSparse(read, KEEP_PPM), input), 'one update can be written in two ways')
      return true
    },
  }
}

/** The first byte chooses the recipe; the rest is what somebody revealed. */
function payload(...made: readonly Recipe[]): Target {
  const bodies = [encodeInt8(values(COUNT)), encodeSparse(values(COUNT), KEEP_PPM)]
  const leaves = [digestOf('leaf 0'), digestOf('leaf 1')]
  return {
    name: 'payload',
    format: 'bytes',
    seeds: made.map((recipe, i) => Uint8Array.from([i, ...encodePayload(recipe, leaves, bodies[i]!)])),
    maxBytes: 8_192,
    run(input) {
      const recipe = made[(input[0] ?? 0) % made.length]!
      const bytes = input.subarray(1)
      const first = unlessRefused(() => payloadLeaves(bytes, recipe))
      const read = unlessRefused(() => decodePayload(bytes, recipe, COUNT))
      if (read === undefined) return false
      promise(bytes.length <= maxPayloadBytes(recipe, COUNT), 'a payload is longer than the longest')
      promise(read.leaves.length === segmentsOf(recipe) && !read.leaves.includes(ZERO_HASH), 'leaves are missing')
      promise(String(first) === String(read.leaves), 'the leaves alone are others')
      promise(read.delta.every(Number.isFinite), 'an update is not finite')
      return true
    },
  }
}

function trainingState(): Target {
  const state = { step: 3, parameters: values(20), moments: values(40) }
  return {
    name: 'training-state',
    format: 'bytes',
    seeds: [encodeState(state)],
    maxBytes: 512,
    run(input) {
      const read = decodeState(input, 20, 3)
      if (read === null) return false
      promise(equalBytes(encodeState(read), input), 'what was read is written otherwise')
      return true
    },
  }
}

/** What verifiers and validators compute from what a trainer sent, on the smallest task there is. */
function units(...made: readonly Recipe[]): Target[] {
  const { document, dataset } = tinyTask()
  const engine = loadEngine()
  const model = engine.compile(document, made[0]!.batchSize)
  const parameters = initialParameters(engine, document, digestOf('seed'))
  const id = { beacon: digestOf('beacon'), model: 'tiny', round: 1, unit: 0, trainer: addressNamed('a') }
  const strata = strataOf(dataset)
  const jobs = made.map((recipe): UnitJob & { freshProbe: Int32Array } => {
    const source = { ...id, recipe, strata }
    const fresh = freshProbe({ ...source, beacon: digestOf('draw') })
    return { id, model, dataset, parameters, recipe, residual: null, probe: roundProbe(source), freshProbe: fresh }
  })
  const trained = jobs.map(trainUnit)
  const states = [stateBytesAt(jobs[0]!, 2), stateBytesAt(jobs[0]!, 4)]
  const leavesOf = (bytes: Uint8Array, recipe: Recipe): Hash[] | undefined =>
    unlessRefused(() => payloadLeaves(bytes, recipe))
  return [
    {
      // The first byte chooses the recipe and how much is replayed; the rest is a payload, which the claim fits.
      name: 'unit-check',
      format: 'bytes',
      seeds: trained.map(({ payload }, i) => Uint8Array.from([i, ...payload])),
      maxBytes: 1_024,
      run(input) {
        const choice = input[0] ?? 0
        const job = jobs[choice % jobs.length]!
        const bytes = input.slice(1)
        const leaves = leavesOf(bytes, job.recipe)
        const claim: CheckJob['claim'] = {
          payload: contentIdOf(bytes),
          payloadBytes: bytes.length,
          traceRoot: leaves === undefined ? ZERO_HASH : traceRootOf(leaves),
          residual: trained[choice % jobs.length]!.residualId,
        }
        const found = checkUnit({
          ...job,
          claim,
          payload: bytes,
          segments: (choice >> 1) % 3,
          heldOutLoss: HELD_OUT_LOSS,
        })
        encode(findingsCodec, found)
        const good = trained.some(unit => equalBytes(unit.payload, bytes))
        const all = found.replay?.segments === segmentsOf(job.recipe)
        if (all && !good) promise(found.replay!.mismatch !== null, 'a whole replay agrees with what nobody trained')
        return found.fault === null
      },
    },
    {
      // A state that a party of a dispute serves: one step from it, and its sealing.
      name: 'disputed-state',
      format: 'bytes',
      seeds: states,
      maxBytes: 4_096,
      run(input) {
        const job = jobs[0]!
        const next = runOneStep(job, input, 2)
        promise(next === runOneStep(job, input, 2), 'one step gives two states')
        const leaves = leavesOf(trained[0]!.payload, job.recipe)!
        const sealed = sealAgain(job, input, leaves)
        if (equalBytes(input, states[1]!)) promise(sealed.payload === trained[0]!.payloadId, 'it seals otherwise')
        return next !== null || sealed.payload !== ZERO_HASH
      },
    },
  ]
}
