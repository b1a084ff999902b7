/** Runs small worlds FROM to TO until one breaks a promise; prints what happened as a line of JSON. Started by hunt.ts. */
import { simulate } from '../simulate.ts'
import { Violation } from '../violation.ts'
import { smallWorld } from './worlds.ts'

const [from, to] = process.argv.slice(2).map(Number)
let caught: { seed: number; promise: string; finding: string } | null = null
for (let seed = from!; seed <= to! && caught === null; seed++) {
  try {
    await simulate(smallWorld(seed))
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    caught = { seed, promise: error.promise, finding: error.finding }
  }
}
console.log(JSON.stringify(caught))
