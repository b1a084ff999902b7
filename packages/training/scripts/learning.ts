/**
 * How fast a recipe learns: N trainers in one process, round after round, through the same units, wire format and
 * aggregation as in a network. Prints one JSON line a round and a summary; `unitSteps` is what all trainers did together,
 * before any replay.
 *
 *     node packages/training/scripts/learning.ts --trainers 4 --rounds 12 --until 0.97 --seeds 3
 *     node packages/training/scripts/learning.ts --steps 60 --inner-lr 0.004 --outer-lr 0.7 --outer-momentum 0.9
 */
import { parseArgs } from 'node:util'
import { type Address, addressOf, hashOf, type PublicKey, type Recipe, taggedHash, utf8 } from '@hydraai/core'
import {
  aggregate,
  evaluateModel,
  initialParameters,
  type ModelState,
  mnistCnn,
  mnistDataset,
  mnistRecipe,
  roundProbe,
  strataOf,
  trainUnit,
} from '../src/index.ts'
import { loadEngine } from '../test/loadEngine.ts'
import { loadDigitFiles } from '../test/loadMnist.ts'

const { values } = parseArgs({
  options: {
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
const stepsPerUnit = numberOr(values.steps, mnistRecipe.stepsPerUnit)
const recipe: Recipe = {
  ...mnistRecipe,
  batchSize: numberOr(values.batch, mnistRecipe.batchSize),
  stepsPerUnit,
  traceEvery: Math.ceil(stepsPerUnit / 4),
  inner: {
    ...mnistRecipe.inner,
    learningRatePpm: numberOr(values['inner-lr'], mnistRecipe.inner.learningRatePpm, 1e6),
  },
  outer: {
    learningRatePpm: numberOr(values['outer-lr'], mnistRecipe.outer.learningRatePpm, 1e6),
    momentumPpm: numberOr(values['outer-momentum'], mnistRecipe.outer.momentumPpm, 1e6),
  },
}
const trainers = Array.from({ length: Number(values.trainers) }, (_, i): Address => {
  return addressOf(hashOf(utf8(`trainer ${i}`)) as string as PublicKey)
})

const engine = loadEngine()
const dataset = mnistDataset(loadDigitFiles())
const model = engine.compile(mnistCnn, recipe.batchSize)
const print = (line: object): void => console.log(JSON.stringify(line))

/** Rounds until the accuracy is reached, or null. */
function learn(seed: number): number | null {
  const initial = initialParameters(engine, mnistCnn, taggedHash('learning/seed', utf8(String(seed))))
  let state: ModelState = { parameters: initial, momentum: new Float32Array(initial.length) }
  let cpuMs = 0
  for (let round = 1; round <= Number(values.rounds); round++) {
    const beacon = taggedHash('learning/beacon', utf8(`${seed} ${round}`))
    const before = process.cpuUsage()
    const source = { beacon, model: 'mnist-cnn', round, recipe, strata: strataOf(dataset) }
    const probe = roundProbe(source)
    const payloads = trainers.flatMap(trainer => {
      return Array.from({ length: Number(values.units) }, (_, unit) => {
        const id = { beacon, model: 'mnist-cnn', round, unit, trainer }
        return trainUnit({ id, model, dataset, parameters: state.parameters, recipe, probe, residual: null }).payload
      })
    })
    const { user, system } = process.cpuUsage(before)
    cpuMs += (user + system) / 1000
    state = aggregate({ ...state, payloads, recipe })
    const { correct, total } = evaluateModel({ model, dataset, parameters: state.parameters })
    const unitSteps = round * payloads.length * recipe.stepsPerUnit
    const unitCpuMs = Math.round(cpuMs / (round * payloads.length))
    if (!values.quiet) print({ seed, round, correct, total, accuracy: correct / total, unitSteps, unitCpuMs })
    if (correct / total >= Number(values.until)) return round
  }
  return null
}

const rounds = Array.from({ length: Number(values.seeds) }, (_, seed) => learn(seed))
const { inner, outer } = recipe
print({ stepsPerUnit, innerLearningRatePpm: inner.learningRatePpm, outer, until: Number(values.until), rounds })
