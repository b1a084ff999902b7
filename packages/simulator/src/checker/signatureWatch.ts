import type { Address } from '@hydraai/core'
import type { ConsensusMessage } from '@hydraai/node'
import { Violation } from '../violation.ts'

/** Every consensus signature of honest machines, for ever: at one height, round and step there is one message of each. */
export class SignatureWatch {
  readonly #signed = new Map<string, string>()

  /** `self` sends this. What others signed is not its business. @throws Violation */
  watch(self: Address, message: ConsensusMessage): void {
    const told = statementOf(message)
    if (told === null || told.by !== self) return
    const key = `${told.by} ${told.step}`
    const before = this.#signed.get(key)
    if (before === undefined) this.#signed.set(key, told.says)
    else if (before !== told.says)
      throw new Violation('equivocation', `${self} signed two things at ${told.step}: ${before}, then ${told.says}`)
  }
}

function statementOf(message: ConsensusMessage): { by: Address; step: string; says: string } | null {
  if (message.type === 'vote') {
    const { height, round, type, validator, valueId } = message.vote
    return { by: validator, step: `height ${height} round ${round} ${type}`, says: valueId ?? 'nil' }
  }
  const { height, round, proposer, valueId, validRound } = message.proposal
  return { by: proposer, step: `height ${height} round ${round} proposal`, says: `${valueId} from ${validRound}` }
}
