/** npm run adversaries -- …: the published suite of attacks. `--help` tells the flags. */
import { availableParallelism } from 'node:os'
import { type Arguments, argumentsOf, USAGE } from './arguments.ts'
import { reportHonest } from './honestReport.ts'
import { answerAll } from './pool.ts'
import { ATTACKS } from './roster.ts'
import { keyOf, type Response, type Row, requestsOf, rowOf, seedsOf, type Trial, trialsOf } from './suite.ts'
import { headerLine, jsonOf, lineOf, markdownOf } from './table.ts'

const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 }

process.on('SIGINT', () => process.exit(EXIT.interrupted))
const flags = argumentsOf(process.argv.slice(2), availableParallelism())
if (typeof flags === 'string') refuse(flags)
if (flags.help) console.log(USAGE)
else if (flags.list) for (const { name, is } of ATTACKS) console.log(`${name.padEnd(24)} ${is}`)
else if (flags.honest !== null) process.exitCode = await reportHonest(flags, flags.honest)
else await reportAttacks(flags, chosen(flags.attack))

function chosen(name: string | null): Trial[] {
  try {
    return trialsOf(name)
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error))
  }
}

function refuse(why: string): never {
  console.error(`${why}\n\n${USAGE}`)
  process.exit(EXIT.usage)
}

/** Prints each line as soon as it and those before it are known. */
async function reportAttacks({ seed, runs, jobs, json, markdown }: Arguments, trials: readonly Trial[]): Promise<void> {
  const seeds = seedsOf(seed, runs)
  const requests = requestsOf(trials, seeds)
  const responses = new Map<string, Response>()
  const waiting = [...trials]
  const started = Date.now()
  const rows: Row[] = []
  if (!json && !markdown) console.log(headerLine())
  const print = () => {
    for (let row = rowNext(); row; row = rowNext()) {
      waiting.shift()
      rows.push(row)
      if (!markdown) console.log(json ? jsonOf(row) : lineOf(row))
    }
  }
  const rowNext = () => (waiting[0] ? rowOf(waiting[0], seeds, responses) : null)
  try {
    const questions = requests.map(request => ({ type: 'run' as const, request }))
    await answerAll(questions, Math.min(jobs, questions.length), ({ request }, { response }) => {
      responses.set(keyOf(request), response)
      showProgress(responses.size, requests.length, started)
      print()
    })
    if (markdown) console.log(markdownOf(rows).join('\n'))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = EXIT.failed
  }
}

function showProgress(done: number, of: number, started: number): void {
  const { stderr } = process
  const leftS = Math.ceil(((Date.now() - started) / done) * (of - done) * 0.001)
  const text = `${done} of ${of} runs, ${leftS} s left`
  if (stderr.isTTY) stderr.write(done === of ? '\r\x1b[K' : `\r\x1b[K${text}`)
  else if (done % 10 === 0) stderr.write(`${text}\n`)
}
