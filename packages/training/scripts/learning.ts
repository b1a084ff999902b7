/**
 * How fast a recipe learns: N trainers in one process, round after round, through the same units, wire format and
 * aggregation as in a network. Prints one JSON line a round and a summary; `unitSteps` is what all trainers did together,
 * before any replay.
 *
 *     node packages/training/scripts/learning.ts --trainers 4 --rounds 12 --until 0.97 --seeds 3
 *     node packages/training/scripts/learning.ts --steps 60 --inner-lr 0.004 --outer-lr 0.7 --outer-momentum 0.9
 *     node packages/training/scripts/learning.ts --model hydra-gpt --compression int8 --rounds 6
 *
 * The digits begin from the first parameters of the seed, the language model from the checkpoint that ships.
 */
import { parseArgs } from 'node:util'
import {
  type Address,
  addressOf,
  float32OfBits,
  hashOf,
  type PublicKey,
  type Recipe,
  taggedHash,
  utf8,
} from '@hydraai/core'
import { hydraGptData, mnistTask, readCheckpoint } from '@hydraai/datasets'
import { type ModelDocument, modelDocumentOfBytes } from '@hydraai/engine'
import {
  aggregate,
  type Dataset,
  EVALUATION_BATCH,
  evaluateModel,
  hydraGptRecipe,
  initialParameters,
  type ModelState,
  roundProbe,
  strataOf,
  trainUnit,
} from '../src/index.ts'
import { loadEngine } from '../test/loadEngine.ts'
import { SPARSE } from './table/rows.ts'

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'mnist-cnn' },
    compression: { type: 'string' },
    trainers: { type: 'string', default: '4' },
    units: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '12' },
    until: { type: 'string', default: '0.97' },
    seeds: { type: 'string', default: '1' },
    steps: { type: 'string' },
    batch: { type: 'string' },
    'inner-lr': { type: 'string' },
    'outer-lr': { type: 'string' },
    'outer-momentum': { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
})
const numberOr = (text: string | undefined, otherwise: number, scale = 1): number => {
  return text === undefined ? otherwise : Math.round(Number(text) * scale)
}

interface Task {
  readonly document: ModelDocument
  readonly dataset: Dataset
  readonly recipe: Recipe
  /** What to begin from, in place of the first parameters. */
  readonly parameters?: Float32Array
}
const TASKS: Readonly<Record<string, () => Promise<Task>>> = {
  'mnist-cnn': async () => mnistTask(),
  'hydra-gpt': async () => {
    const [dataset, { document, parameters }] = await Promise.all([hydraGptData(), readCheckpoint()])
    return { document: modelDocumentOfBytes(document), dataset, parameters, recipe: hydraGptRecipe }
  },
}
const COMPRESSIONS: Readonly<Record<string, Recipe['compression']>> = { int8: { type: 'int8' }, sparse: SPARSE }

const id = values.model
const task = await (TASKS[id] ?? usage(`--model is one of ${Object.keys(TASKS).join(', ')}.`))()
const compression = values.compression ?? task.recipe.compression.type
const stepsPerUnit = numberOr(values.steps, task.recipe.stepsPerUnit)
const recipe: Recipe = {
  ...task.recipe,
  batchSize: numberOr(values.batch, task.recipe.batchSize),
  stepsPerUnit,
  traceEvery: Math.ceil(stepsPerUnit / 4),
  inner: {
    ...task.recipe.inner,
    learningRatePpm: numberOr(values['inner-lr'], task.recipe.inner.learningRatePpm, 1e6),
  },
  outer: {
    learningRatePpm: numberOr(values['outer-lr'], task.recipe.outer.learningRatePpm, 1e6),
    momentumPpm: numberOr(values['outer-momentum'], task.recipe.outer.momentumPpm, 1e6),
  },
  compression: COMPRESSIONS[compression] ?? usage(`--compression is one of ${Object.keys(COMPRESSIONS).join(', ')}.`),
}
const trainers = Array.from({ length: Number(values.trainers) }, (_, i): Address => {
  return addressOf(hashOf(utf8(`trainer ${i}`)) as string as PublicKey)
})

const engine = loadEngine()
const { document, dataset } = task
const model = engine.compile(document, recipe.batchSize)
const evaluator = engine.compile(document, EVALUATION_BATCH)
const print = (line: object): void => console.log(JSON.stringify(line))

/** Rounds until the accuracy is reached, or null. */
function learn(seed: number): number | null {
  const first = () => initialParameters(engine, document, taggedHash('learning/seed', utf8(String(seed))))
  const initial = task.parameters ?? first()
  const residuals = new Map<string, Uint8Array | null>()
  let state: ModelState = { parameters: initial, momentum: new Float32Array(initial.length) }
  let cpuMs = 0
  for (let round = 1; round <= Number(values.rounds); round++) {
    const beacon = taggedHash('learning/beacon', utf8(`${seed} ${round}`))
    const before = process.cpuUsage()
    const source = { beacon, model: id, round, recipe, strata: strataOf(dataset) }
    const probe = roundProbe(source)
    const payloads = trainers.flatMap(trainer => {
      return Array.from({ length: Number(values.units) }, (_, unit) => {
        // As on the chain, what an update leaves out comes back two rounds later.
        const lane = `${round % 2} ${trainer} ${unit}`
        const residual = residuals.get(lane) ?? null
        const of = { beacon, model: id, round, unit, trainer }
        const made = trainUnit({ id: of, model, dataset, parameters: state.parameters, recipe, probe, residual })
        residuals.set(lane, made.residual)
        return made.payload
      })
    })
    const { user, system } = process.cpuUsage(before)
    cpuMs += (user + system) / 1000
    state = aggregate({ ...state, payloads, recipe })
    const { correct, total, lossBits } = evaluateModel({ model: evaluator, dataset, parameters: state.parameters })
    const bytes = payloads.reduce((sum, { length }) => sum + length, 0) / payloads.length
    const unitSteps = round * payloads.length * recipe.stepsPerUnit
    const unitCpuMs = Math.round(cpuMs / (round * payloads.length))
    const loss = float32OfBits(lossBits)
    if (!values.quiet)
      print({ seed, round, correct, total, accuracy: correct / total, loss, bytes, unitSteps, unitCpuMs })
    if (correct / total >= Number(values.until)) return round
  }
  return null
}

const rounds = Array.from({ length: Number(values.seeds) }, (_, seed) => learn(seed))
const { inner, outer } = recipe
print({
  model: id,
  compression,
  stepsPerUnit,
  innerLearningRatePpm: inner.learningRatePpm,
  outer,
  until: Number(values.until),
  rounds,
})

function usage(problem: string): never {
  console.error(problem)
  process.exit(2)
}
