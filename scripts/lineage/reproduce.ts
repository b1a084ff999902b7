// Makes the shipped language model again from nothing and compares it, round by round, with what the network agreed on.
//
//     npm run lineage                   all of it: the data, the first parameters, every unit of every round
//     npm run lineage -- --rounds 3     only so many rounds
//     npm run lineage -- --json         one JSON object a line
//
// What was done is kept in --folder (default: .hydra/lineage); a further run goes on from there, --fresh begins again.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Address, contentIdOf, type Hash, HydraError, taggedHash, utf8 } from '@hydraai/core'
import { loadHydraGptTask, SHIPPED_FOLDER } from '@hydraai/datasets'
import { createEngine, documentHash, ENGINE_SHA256, parametersToBytes } from '@hydraai/engine'
import {
  aggregate,
  encodeDataset,
  hydraGptDocument,
  initialParameters,
  roundProbe,
  strataOf,
  trainUnit,
} from '@hydraai/training'
import { type Lineage, readLineage } from './lineage.ts'
import { Progress } from './progress.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { values: options } = parseArgs({
  options: {
    lineage: { type: 'string', default: join(SHIPPED_FOLDER, 'lineage.json') },
    folder: { type: 'string', default: join(root, '.hydra', 'lineage') },
    rounds: { type: 'string' },
    fresh: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
if (options.rounds !== undefined && !/^[1-9]\d{0,8}$/.test(options.rounds)) {
  console.error(`"${options.rounds}" is not a number of rounds, from 1 up.`)
  process.exit(2)
}
try {
  await reproduce(await readLineage(options.lineage), options.rounds === undefined ? undefined : Number(options.rounds))
} catch (error) {
  if (!(error instanceof HydraError)) throw error
  console.error(`${error.message}${error.advice ? ` ${error.advice}` : ''}`)
  process.exitCode = 1
}

async function reproduce(lineage: Lineage, limit = Number.POSITIVE_INFINITY): Promise<void> {
  // Another engine may still compute the same bits; whether it does is what is found out here.
  if (ENGINE_SHA256 !== lineage.engine)
    say(
      { event: 'engine', own: ENGINE_SHA256, lineage: lineage.engine },
      'This engine is newer than that of the lineage.',
    )
  expectSame('document', documentHash(hydraGptDocument), lineage.document)
  const { tokenizer, dataset } = await loadHydraGptTask()
  expectSame('tokenizer', contentIdOf(tokenizer), lineage.tokenizer)
  expectSame('dataset', contentIdOf(encodeDataset(dataset)), lineage.data)
  say({ event: 'data', tokenizer: lineage.tokenizer, data: lineage.data }, 'The data and the tokenizer are the same.')

  const engine = createEngine(await readFile(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm'))))
  const seed = taggedHash('hydra/initial-parameters/1', utf8(lineage.model))
  const first = initialParameters(engine, hydraGptDocument, seed)
  expectSame('first parameters', contentIdOf(parametersToBytes(first)), lineage.initial)

  const rounds = lineage.stages.flatMap(({ recipe, rounds }) => rounds.map((round, at) => ({ ...round, recipe, at })))
  const total = Math.min(rounds.length, limit)
  const store = new Progress(options.folder)
  if (options.fresh) await store.clear()
  let { done, parameters, momentum } = (await store.load(lineage)) ?? {
    done: 0,
    parameters: first,
    momentum: new Float32Array(first.length),
  }
  if (done > 0) say({ event: 'resumed', rounds: done }, `Going on after round ${done}.`)
  const began = performance.now()
  const before = done
  for (const { recipe, at, ...round } of rounds.slice(done, total)) {
    if (at === 0) momentum = new Float32Array(first.length)
    const model = engine.compile(hydraGptDocument, recipe.batchSize)
    const named = { beacon: round.beacon, model: lineage.model, round: round.round }
    const probe = roundProbe({ ...named, recipe, strata: strataOf(dataset) })
    const payloads = round.updates.map(([trainer, unit]) => {
      const id = { ...named, unit, trainer: trainer as Address }
      return trainUnit({ id, model, dataset, parameters, recipe, probe, residual: null }).payload
    })
    model.dispose()
    ;({ parameters, momentum } = aggregate({ parameters, momentum, payloads, recipe }))
    done += 1
    expectSame(`round ${done}`, contentIdOf(parametersToBytes(parameters)), round.parameters)
    await store.save({ done, parameters, momentum })
    const seconds = (performance.now() - began) / 1000
    const left = Math.round((seconds / (done - before)) * (total - done))
    const { parameters: hash } = round
    say(
      { event: 'round', round: done, of: total, units: round.updates.length, parameters: hash, seconds },
      `Round ${done} of ${total}: ${hash.slice(0, 16)}… is the same (about ${Math.ceil(left / 60)} min left)`,
    )
  }
  const whole = done >= rounds.length
  const parametersId = contentIdOf(parametersToBytes(parameters))
  say(
    { event: 'end', rounds: done, of: rounds.length, parameters: parametersId, same: true },
    whole
      ? `All ${done} rounds are the same: ${parametersId}`
      : `The first ${done} of ${rounds.length} rounds are the same.`,
  )
}

function expectSame(what: string, found: Hash, expected: Hash): void {
  if (found !== expected)
    throw new HydraError('LINEAGE_DIFFERS', `The ${what} is ${found}, but the lineage has ${expected}.`, {
      advice: 'Use the release that the lineage belongs to, as it was published.',
    })
}

function say(event: object, sentence: string): void {
  console.log(options.json ? JSON.stringify(event) : sentence)
}
