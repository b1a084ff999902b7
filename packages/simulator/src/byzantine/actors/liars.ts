import type { Actor, Answer } from '../../actor.ts'
import type { SeededRandom } from '../../seededRandom.ts'
import { CONSENSUS } from '../messages.ts'

/** What others fetch to catch up or to train. */
const SERVED = ['blocks/', 'snapshots/', 'light/', 'content/', CONSENSUS, 'transactions/']

/** Serves altered bytes: a bit turned, the end cut off, something empty, what was asked before, or nothing at all. */
export function syncLiar(): Actor {
  let before: Uint8Array = new Uint8Array()
  return {
    kind: 'lies to who syncs',
    onAnswer(answer, { random }) {
      if (!SERVED.some(protocol => answer.protocol.startsWith(protocol))) return answer.response
      const told = altered(answer, before, random)
      before = answer.response
      return told
    },
  }
}

function altered({ response }: Answer, before: Uint8Array, random: SeededRandom): Uint8Array | null {
  switch (random.below(6)) {
    case 0:
      return null
    case 1:
      return new Uint8Array()
    case 2:
      return before
    case 3:
      return response.slice(0, random.below(response.length + 1))
    case 4:
      return response
    default: {
      const turned = response.slice()
      const at = random.below(response.length)
      if (at < turned.length) turned[at]! ^= 1 << random.below(8)
      return turned
    }
  }
}
