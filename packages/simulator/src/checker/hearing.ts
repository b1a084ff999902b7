import { bytes, decode, list } from '@hydraai/core'
import { type ConsensusMessage, consensusMessageCodec } from '@hydraai/node'

const answerCodec = list(bytes({ max: 4 * 1024 * 1024 }), { max: 100_000 })

/** Reads the messages of consensus that pass, each once, and keeps them by height if it was told to. */
export class Hearing {
  readonly #keeps: boolean
  /** By their bytes as text; null for what is no message. */
  readonly #read = new Map<string, ConsensusMessage | null>()
  readonly #byHeight = new Map<number, ConsensusMessage[]>()

  constructor(keeps: boolean) {
    this.#keeps = keeps
  }

  take(data: Uint8Array): ConsensusMessage | null {
    const key = Buffer.from(data.buffer, data.byteOffset, data.length).toString('latin1')
    const known = this.#read.get(key)
    if (known !== undefined) return known
    const message = readMessage(data)
    this.#read.set(key, message)
    if (message !== null && this.#keeps) {
      const height = heightOf(message)
      const messages = this.#byHeight.get(height) ?? []
      messages.push(message)
      this.#byHeight.set(height, messages)
    }
    return message
  }

  takeAnswer(response: Uint8Array): ConsensusMessage[] {
    try {
      return decode(answerCodec, response, { maxBytes: response.length })
        .map(data => this.take(data))
        .filter(message => message !== null)
    } catch {
      return []
    }
  }

  messagesOf(height: number): readonly ConsensusMessage[] {
    return this.#byHeight.get(height) ?? []
  }
}

function readMessage(data: Uint8Array): ConsensusMessage | null {
  try {
    return decode(consensusMessageCodec, data)
  } catch {
    return null
  }
}

function heightOf(message: ConsensusMessage): number {
  return message.type === 'vote' ? message.vote.height : message.proposal.height
}
