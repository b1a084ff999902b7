import { Buckets } from './buckets.ts'
import { execute, type Finding } from './execute.ts'
import type { Coverage } from './instrument.ts'
import { MAX_INPUT_BYTES } from './limits.ts'
import { minimise } from './minimise.ts'
import { mutate } from './mutate.ts'
import { Random } from './random.ts'
import type { Target } from './target.ts'

/** Most inputs are short, for they run more often; some are as long as the target takes. */
const SHORT_BYTES = 16_384
const LONG_ONE_IN = 64
const MAX_CORPUS = 5_000
/** A target with so many different faults is broken enough. */
const MAX_FINDINGS = 10
/** Parents are drawn this often from the newest of the corpus, which have been tried the least. */
const NEWEST = 24

export interface FuzzOptions {
  readonly target: Target
  readonly coverage: Coverage
  readonly seed: number
  readonly seconds: number
  readonly maxRuns: number
  /** Inputs kept from earlier campaigns. */
  readonly corpus: readonly Uint8Array[]
  /** Told of every input before it runs, so that one that never returns is not lost. */
  readonly onInput: (input: Uint8Array) => void
  readonly onInteresting: (input: Uint8Array) => void
}

export interface FuzzResult {
  readonly target: string
  readonly runs: number
  /** Of the runs, how many the target took. */
  readonly accepted: number
  readonly seconds: number
  /** Branches taken at least once, and (branch, how often) pairs seen. */
  readonly branches: number
  readonly features: number
  readonly corpus: number
  readonly findings: readonly Finding[]
}

/** Fuzzes one target: whatever takes a branch that none took before, or as often as none did, is built upon. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const { target, coverage, seconds, maxRuns } = options
  const random = new Random(options.seed)
  const seen = new Buckets(coverage)
  const corpus: Uint8Array[] = []
  /** Those of the corpus that the target took: most changes of one that it refused are refused as well, and early. */
  const taken: Uint8Array[] = []
  const findings = new Map<string, Finding>()
  const started = performance.now()
  let runs = 0
  let accepted = 0

  async function run(input: Uint8Array, keep: boolean): Promise<void> {
    options.onInput(input)
    seen.clear()
    const outcome = await execute(target, input)
    const news = seen.take()
    runs++
    if ('finding' in outcome) {
      const { signature } = outcome.finding
      if (!findings.has(signature)) findings.set(signature, await minimise(target, outcome.finding))
      return
    }
    if (outcome.accepted) accepted++
    if (news || keep) {
      if (outcome.accepted && taken.length < MAX_CORPUS) taken.push(input)
      if (corpus.length < MAX_CORPUS) corpus.push(input)
      else corpus[random.below(corpus.length)] = input
      if (news && !keep) options.onInteresting(input)
    }
  }

  const over = () => runs >= maxRuns || findings.size >= MAX_FINDINGS || performance.now() - started > seconds * 1_000
  for (const input of [...target.seeds, new Uint8Array()]) await run(input, true)
  for (const input of options.corpus) if (!over()) await run(input, false)
  const words = [...coverage.literals.words].sort()
  const numbers = [...coverage.literals.numbers].sort((a, b) => a - b)
  const longest = target.maxBytes ?? MAX_INPUT_BYTES
  while (!over()) {
    const among = taken.length > 0 && random.chance(2) ? taken : corpus
    const from = random.chance(2) ? Math.max(0, among.length - NEWEST) : 0
    const parent = among[from + random.below(among.length - from)]!
    const other = random.pick(corpus)
    const maxBytes = random.chance(LONG_ONE_IN) ? longest : Math.min(longest, Math.max(SHORT_BYTES, parent.length))
    await run(mutate(parent, other, { format: target.format, maxBytes, words, numbers }, random), false)
    // Everything above may be synchronous for ever: the thread must also see to its messages.
    if (runs % 1_024 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  return {
    target: target.name,
    runs,
    accepted,
    seconds: Math.round(performance.now() - started) / 1_000,
    branches: seen.branches,
    features: seen.features,
    corpus: corpus.length,
    findings: [...findings.values()],
  }
}
