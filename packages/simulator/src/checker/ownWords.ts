import type { ConsensusMessage, HydraNode } from '@hydraai/node'
import { Violation } from '../violation.ts'

/** The votes that a machine gave away at the height it was last heard of. */
interface Words {
  readonly height: number
  readonly votes: Map<string, string>
}

/** What an honest machine said is on its disk first: when it comes back it knows all of it, or it might say another thing. */
export class OwnWords {
  readonly #words = new Map<string, Words>()

  say(id: string, message: ConsensusMessage, data: Uint8Array): void {
    if (message.type !== 'vote') return
    const { height, round, type } = message.vote
    let words = this.#words.get(id)
    if (words === undefined || height > words.height) {
      words = { height, votes: new Map() }
      this.#words.set(id, words)
    }
    if (height === words.height) words.votes.set(textOf(data), `${type} of height ${height}, round ${round}`)
  }

  /** The machine's memory is gone, and it knows that. */
  forget(id: string): void {
    this.#words.delete(id)
  }

  /** After a start, the log replayed. @throws Violation */
  check(id: string, { chain, consensus }: HydraNode): void {
    const words = this.#words.get(id)
    if (words === undefined || words.height !== chain.height + 1) return
    const remembered = new Set(consensus.messagesOf(words.height).map(textOf))
    for (const [text, what] of words.votes)
      if (!remembered.has(text)) throw new Violation('durability', `${id} came back and does not know its own ${what}`)
  }
}

function textOf(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.length).toString('latin1')
}
