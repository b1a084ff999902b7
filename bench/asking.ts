// How long an asker waits: milliseconds from the request to the first piece of the answer, and to its payment, through a running node.
//
//     npm run bench:asking -- --data-dir FOLDER [--questions 20] [--json]
//
// FOLDER is the data folder of a node that runs, has a peer that serves the model, and can pay 0.5 HYDRA for each question.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readFacts } from '@hydraai/datasets'

const PAUSE_MS = 1_500

const { values: options } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    questions: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
})
const folder = options['data-dir']
if (!folder) {
  console.error('usage: npm run bench:asking -- --data-dir FOLDER [--questions 20] [--json]')
  process.exit(2)
}
const { url } = JSON.parse(await readFile(join(folder, 'api.json'), 'utf8')) as { url: string }
const token = (await readFile(join(folder, 'api-token'), 'utf8')).trim()
const facts = await readFacts()
const count = Number(options.questions)

const first: number[] = []
const whole: number[] = []
let tokens = 0
for (let i = 0; i < count; i++) {
  const question = facts[(i * 37) % facts.length]!.heldOut[0]!
  const asked = await ask(question)
  first.push(asked.firstMs)
  whole.push(asked.wholeMs)
  tokens += asked.tokens
  // A server waits for its pay: a block between two questions is enough.
  await sleep(PAUSE_MS)
}
const report = {
  questions: count,
  firstMs: { median: median(first), worst: Math.max(...first), atFirst: first[0]! },
  wholeMs: { median: median(whole), worst: Math.max(...whole) },
  tokens,
}
if (options.json) console.log(JSON.stringify(report))
else {
  const { firstMs, wholeMs } = report
  console.log(`${count} questions, ${tokens} tokens`)
  console.log(
    `first piece: median ${firstMs.median.toFixed(1)} ms, worst ${firstMs.worst.toFixed(1)}, the very first ${firstMs.atFirst.toFixed(1)}`,
  )
  console.log(`whole answer: median ${wholeMs.median.toFixed(1)} ms, worst ${wholeMs.worst.toFixed(1)}`)
}

/** One question, to the end of its stream. */
async function ask(question: string): Promise<{ firstMs: number; wholeMs: number; tokens: number }> {
  const began = performance.now()
  const response = await fetch(`${url}/api/ask`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ question }),
  })
  let [firstMs, wholeMs, tokens, rest] = [0, 0, 0, '']
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const event = JSON.parse(line)
      if (event.type === 'error') throw new Error(`${event.message} ${event.advice ?? ''}`)
      if (event.type === 'text' && firstMs === 0) firstMs = performance.now() - began
      if (event.type === 'end') [wholeMs, tokens] = [performance.now() - began, event.tokens]
    }
  }
  return { firstMs, wholeMs, tokens }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]!
}
