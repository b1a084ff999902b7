/** What the table is measured on. */
import { HydraError } from '@hydraai/core'
import { mnistTask, readWordnetFiles, wordnetPairs } from '@hydraai/datasets'
import { type ModelDocument, trainTokenizer } from '@hydraai/engine'
import { type Dataset, gptDocument, mnistCnn, type TextSample, textDataset } from '../../src/index.ts'

export const TASKS = ['mnist-cnn', 'gpt', 'gpt-further'] as const
export type TaskName = (typeof TASKS)[number]

export interface TableTask {
  readonly name: TaskName
  readonly document: ModelDocument
  readonly dataset: Dataset
  /** Samples that all trainers see together in a step. */
  readonly batch: number
  /** Steps of a run; times `batch` the samples that every row gets. */
  readonly steps: number
  readonly beta2Ppm: number
  readonly clipNormPpm: number
  /** What one machine does first, the same for every row of a seed; absent where rows begin from the first parameters. */
  readonly before?: { readonly steps: number; readonly rate: number }
}

const CONTEXT = 32
const VOCABULARY = 320
/** Windows of the text: as many as a run draws. */
const TRAIN_WINDOWS = 14_400
const HELD_OUT_WINDOWS = 512

export async function loadTask(name: TaskName): Promise<TableTask> {
  if (name === 'mnist-cnn') {
    const { dataset } = await mnistTask()
    return { name, document: mnistCnn, dataset, batch: 32, steps: 600, beta2Ppm: 999_000, clipNormPpm: 0 }
  }
  const document = gptDocument({ context: CONTEXT, vocabulary: VOCABULARY, width: 32, blocks: 2, heads: 4 })
  const dataset = await definitions()
  const task: TableTask = { name, document, dataset, batch: 16, steps: 900, beta2Ppm: 990_000, clipNormPpm: 1_000_000 }
  return name === 'gpt' ? task : { ...task, before: { steps: 3_600, rate: 0.004 } }
}

/** WordNet's definitions as running text, cut into windows; every fortieth window is held out. */
async function definitions(): Promise<Dataset> {
  const windows = TRAIN_WINDOWS + HELD_OUT_WINDOWS
  const pairs = wordnetPairs(await readWordnetFiles())
  const texts = pairs.filter((_, i) => i % 4 === 0).map(({ answer }) => answer)
  const tokenizer = trainTokenizer(texts.slice(0, 1_000), VOCABULARY)
  const tokens: number[] = []
  for (const text of texts) {
    if (tokens.length > windows * (CONTEXT + 1)) break
    tokens.push(...tokenizer.encode(`${text}\n`))
  }
  const all: TextSample[] = Array.from({ length: windows }, (_, i) => {
    return { tokens: tokens.slice(i * (CONTEXT + 1), (i + 1) * (CONTEXT + 1)), from: 1 }
  })
  if (all.at(-1)!.tokens.length <= CONTEXT) throw new HydraError('DATA_INVALID', 'WordNet has too few definitions.')
  const every = Math.floor(windows / HELD_OUT_WINDOWS)
  const isHeldOut = (i: number): boolean => i % every === 0 && i / every < HELD_OUT_WINDOWS
  return textDataset({
    context: CONTEXT,
    vocabulary: VOCABULARY,
    mode: 'text',
    strata: [{ weight: 1, samples: all.filter((_, i) => !isHeldOut(i)) }],
    heldOut: all.filter((_, i) => isHeldOut(i)),
  })
}
