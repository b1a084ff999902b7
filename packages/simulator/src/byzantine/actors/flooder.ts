import { taggedHash, utf8 } from '@hydraai/core'
import type { Actor, ActorHost, Outgoing } from '../../actor.ts'
import type { SeededRandom } from '../../seededRandom.ts'
import { CONSENSUS, forgeVote, TRANSACTIONS, voteMessage } from '../messages.ts'

const EVERY_MS = 250
const BURST = 12
/** Huge messages cost the simulation more than their victims. */
const HUGE_EVERY = 40

/** Sends more than anybody asked for: votes of all rounds, garbage, and now and then something huge. */
export function flooder(): Actor {
  return {
    kind: 'flooder',
    start(host) {
      let turn = 0
      const flood = () => {
        for (let i = 0; i < BURST; i++) host.publish(anything(host))
        if (turn++ % HUGE_EVERY === 0) host.publish({ topic: CONSENSUS, data: garbage(host.random, 1_100_000) })
        host.clock.after(EVERY_MS, flood)
      }
      host.clock.after(EVERY_MS, flood)
    },
  }
}

function anything(host: ActorHost): Outgoing {
  const { random } = host
  const { height, round } = host.node.consensus.progress
  const valueId = taggedHash('flood', utf8(String(random.uint32())))
  switch (random.below(5)) {
    case 0:
      return { topic: CONSENSUS, data: garbage(random, 1 + random.below(300)) }
    case 1:
      return { topic: TRANSACTIONS, data: garbage(random, 1 + random.below(300)) }
    case 2: {
      // Many values of one round: each is evidence, all but a few must be forgotten.
      const type = random.pick(['prevote', 'precommit'] as const)
      return voteMessage(forgeVote(host, { type, height, round: round + 1 + random.below(3), valueId }))
    }
    default: {
      const ahead = random.pick([5, 90, 101, 10_000, 2 ** 40])
      return voteMessage(forgeVote(host, { type: 'prevote', height, round: round + random.below(ahead), valueId }))
    }
  }
}

function garbage(random: SeededRandom, length: number): Uint8Array {
  const first = random.uint32()
  return Uint8Array.from({ length }, (_, i) => (first + i * 2_654_435_761) >>> (i % 24))
}
