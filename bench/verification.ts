// What verification costs: its share of CPU time and of bytes, how long a reward takes, how much of its time a node trains.
// `npm run bench:verification -- --help`.
import { parseArgs } from 'node:util'
import { decode, encode, type Recipe, recipeCodec } from '@hydraai/core'
import { type ChainParameters, DEFAULT_PARAMETERS } from '@hydraai/ledger'
import { PHASES } from '../packages/cli/src/devnet/members.ts'
import { loadTasks, parseTasks } from '../packages/cli/src/tasks.ts'
import { measureCosts } from './verification/costs.ts'
import { measureReal } from './verification/real.ts'
import type { Scenario } from './verification/scenario.ts'
import { simulate } from './verification/simulate.ts'
import { costsText, MAX_VERIFICATION, MIN_TRAINING, realText, simulatedText } from './verification/table.ts'

const HELP = `What verification costs, at steady state and when nobody has a name yet.

  npm run bench:verification -- [--trainers N …] [--models A,B] [--network local|open …] [--cores N] [--real] [--quick] [--json]

  --trainers N    how many simulated machines; 4, 8, 16 and 32 unless given
  --models A,B    mnist-cnn,hydra-gpt unless given
  --network NAME  local: one-second blocks, phases and recipes as in npm start; open: the usual ten seconds and phases, and units
                  of hydra-gpt that fill them; both unless given
  --recipe JSON   fields in place of the recipes' own, as in '{"probeSamples":32,"maxUnitsPerRound":8}'
  --cores N       of each simulated machine: 2 unless given, one that trains and one that checks
  --real          four nodes in processes of their own on this machine as well, to confirm
  --only-real     these alone
  --quick         few machines and rounds: whether everything works, not how much it is
  --json          one line of JSON a result

The simulation runs the node's own services on a virtual clock; every job takes the CPU time that it was measured to take
for the real model, here, just before. Goals at steady state: verification at most ${100 * MAX_VERIFICATION} % of CPU time, training at least
${100 * MIN_TRAINING} % of a node's time.
`

const MEASURED_UNITS = 500

/** A network, and what its recipes have in place of their own so that units fill its rounds. */
interface Kind {
  readonly parameters: Partial<ChainParameters>
  readonly recipes: Readonly<Record<string, Partial<Recipe>>>
}

const { blockIntervalMs, phases } = DEFAULT_PARAMETERS
const NETWORKS: Readonly<Record<string, Kind>> = {
  local: { parameters: { blockIntervalMs: 1_000, phases: PHASES }, recipes: { 'mnist-cnn': {}, 'hydra-gpt': {} } },
  open: {
    parameters: { blockIntervalMs, phases },
    recipes: { 'hydra-gpt': { stepsPerUnit: 100, traceEvery: 25, probeSamples: 16, maxUnitsPerRound: 16 } },
  },
}

function usage(problem: string): never {
  console.error(`${problem}\nSee npm run bench:verification -- --help.`)
  process.exit(2)
}

function readOptions() {
  const options = {
    trainers: { type: 'string', multiple: true },
    models: { type: 'string', default: 'mnist-cnn,hydra-gpt' },
    network: { type: 'string', multiple: true },
    recipe: { type: 'string', default: '{}' },
    cores: { type: 'string', default: '2' },
    real: { type: 'boolean', default: false },
    'only-real': { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const
  try {
    return parseArgs({ options }).values
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error))
  }
}

const options = readOptions()
if (options.help) {
  console.log(HELP)
  process.exit(0)
}
const whole = (text: string, name: string, most: number): number => {
  const value = Number(text)
  return Number.isInteger(value) && value >= 1 && value <= most
    ? value
    : usage(`--${name} is a number from 1 to ${most}.`)
}
const { quick, json } = options
const trainers = (options.trainers ?? (quick ? ['4'] : ['4', '8', '16', '32'])).map(text => whole(text, 'trainers', 64))
const networks = options.network ?? Object.keys(NETWORKS)
for (const name of networks) if (!Object.hasOwn(NETWORKS, name)) usage(`There is no network "${name}".`)
const cores = whole(options.cores, 'cores', 64)
const models = parseTasks(options.models)

/** Enough units that it is not chance how many of them were audited. */
function roundsFor(nodes: number, { maxUnitsPerRound }: Recipe): number {
  return Math.max(6, Math.ceil(MEASURED_UNITS / (nodes * maxUnitsPerRound)))
}

/** The recipe with what the network and the command line have in its place. */
function changed(recipe: Recipe, change: Partial<Recipe>): Recipe {
  try {
    return decode(recipeCodec, encode(recipeCodec, { ...recipe, ...change, ...JSON.parse(options.recipe) }))
  } catch (error) {
    return usage(`--recipe: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const say = (what: string) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what === '' ? '' : `${what} …`}`)
}
const tell = (result: object, text: string) => {
  say('')
  console.log(json ? JSON.stringify(result) : `${text}\n`)
}

const simulated = options['only-real'] ? [] : networks
for (const network of simulated)
  for (const task of await loadTasks(models)) {
    const { parameters, recipes } = NETWORKS[network]!
    const own = recipes[task.id]
    if (own === undefined) continue
    say(`what the jobs of ${task.id} take`)
    const recipe = changed(task.recipe, own)
    const costs = measureCosts({ ...task, recipe }, quick ? 2 : 20)
    tell({ kind: 'costs', model: task.id, network, recipe, ...costs }, costsText(task.id, recipe, costs))
    for (const nodes of trainers) {
      const scenario: Scenario = {
        ...{ model: task.id, costs, recipe, nodes, cores, parameters },
        ...(quick ? { rounds: 3, maxWarmUp: 3 } : { rounds: roundsFor(nodes, recipe), maxWarmUp: 80 }),
      }
      const found = await simulate(scenario, what => say(`${task.id}, ${network}, ${nodes} trainers: ${what}`))
      for (const state of ['cold', 'steady'] as const) {
        const result = { kind: 'simulated', model: task.id, network, nodes, cores, state, ...found[state] }
        tell(result, simulatedText(network, scenario, state === 'cold' ? 'cold start' : 'steady', found[state]))
      }
    }
  }
if (options.real || options['only-real']) {
  const times = quick ? { measureSeconds: 20, maxWarmUpSeconds: 0 } : { measureSeconds: 120, maxWarmUpSeconds: 900 }
  const found = await measureReal({ models, ...times, say })
  for (const state of ['cold', 'steady'] as const)
    tell(
      { kind: 'real', models, state, ...found[state] },
      realText(models, state === 'cold' ? 'cold start' : 'steady', found[state]),
    )
}
