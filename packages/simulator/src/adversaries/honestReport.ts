import type { Arguments } from './arguments.ts'
import type { HonestTally } from './honest.ts'
import { answerAll } from './pool.ts'

const NOTHING: HonestTally = { accepted: 0, expired: 0, refuted: 0, disputed: 0, faults: 0, versions: 0 }

/** Runs worlds of honest nodes under faults until they have decided on so many units, and prints the sum. The exit code. */
export async function reportHonest({ seed, jobs, json }: Arguments, units: number): Promise<number> {
  let total = NOTHING
  let worlds = 0
  function* questions() {
    for (let next = seed; decided(total) < units; next++) yield { type: 'honest' as const, seed: next }
  }
  try {
    await answerAll(questions(), jobs, (_, { tally }) => {
      total = sumOf(total, tally)
      worlds++
      console.error(`${decided(total)} of ${units} units`)
    })
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return 1
  }
  console.log(json ? JSON.stringify({ worlds, ...total }) : linesOf(worlds, total).join('\n'))
  return total.refuted + total.disputed > 0 ? 1 : 0
}

function decided({ accepted, expired, refuted }: HonestTally): number {
  return accepted + expired + refuted
}

function sumOf(a: HonestTally, b: HonestTally): HonestTally {
  return {
    accepted: a.accepted + b.accepted,
    expired: a.expired + b.expired,
    refuted: a.refuted + b.refuted,
    disputed: a.disputed + b.disputed,
    faults: a.faults + b.faults,
    versions: a.versions + b.versions,
  }
}

/** For people: a line a fact. */
function linesOf(worlds: number, total: HonestTally): string[] {
  return [
    `worlds     ${worlds}, with ${total.faults} faults`,
    `units      ${decided(total)}`,
    `accepted   ${total.accepted}`,
    `expired    ${total.expired} (cut off or down for too long: not paid, not punished)`,
    `disputed   ${total.disputed}`,
    `refuted    ${total.refuted}`,
    `slashed    0 (any would have ended the run)`,
    `versions   ${total.versions} of the model, each computed anew from its accepted updates`,
  ]
}
