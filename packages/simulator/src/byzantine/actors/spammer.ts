import { makeEvidence, type SignedVote } from '@hydraai/consensus'
import { encode, HydraError, taggedHash, utf8 } from '@hydraai/core'
import { type Action, signedTransactionCodec, signTransaction } from '@hydraai/ledger'
import { transactionBatchCodec } from '@hydraai/node'
import type { Actor, ActorHost } from '../../actor.ts'
import { forgeVote, TRANSACTIONS, voteOf } from '../messages.ts'

const EVERY_MS = 400

/** Fills mempools with what nobody needs: presence without cause, evidence that is none, old or one's own, false tips. */
export function spammer(): Actor {
  const votes: SignedVote[] = []
  return {
    kind: 'spammer',
    start(host) {
      const spam = () => {
        send(host, drawAction(host, votes))
        host.clock.after(EVERY_MS, spam)
      }
      host.clock.after(EVERY_MS, spam)
    },
    onGossip(message) {
      const vote = voteOf(message)
      if (vote !== null) votes.push(vote)
      if (votes.length > 50) votes.shift()
      return true
    },
  }
}

function drawAction(host: ActorHost, votes: readonly SignedVote[]): Action {
  const { random, node, keys } = host
  const value = taggedHash('spam', utf8(String(random.uint32())))
  const heard = votes[random.below(votes.length + 1)]
  switch (random.below(5)) {
    case 0:
      return { type: 'presence' }
    case 1: {
      // Somebody else's vote beside one that they never signed.
      const a = heard ?? forgeVote(host, { type: 'prevote', height: 1, round: 0, valueId: null })
      return { type: 'evidence', evidence: makeEvidence(a, { ...a, valueId: value }) }
    }
    case 2: {
      const a = heard ?? forgeVote(host, { type: 'prevote', height: 1, round: 0, valueId: null })
      return { type: 'evidence', evidence: makeEvidence(a, a) }
    }
    case 3:
      return { type: 'unstake', amount: node.state.parameters.minimumStake }
    default:
      return { type: 'transfer', to: keys.address, amount: 1n, memo: 'spam' }
  }
}

function send(host: ActorHost, action: Action): void {
  const { random, node, keys, chainId } = host
  const nonce = node.mempool.nextNonce(keys.address) + (random.below(4) === 0 ? random.below(100) : 0)
  try {
    const tip = random.pick([0n, 0n, 1n, 10n ** 12n])
    const signed = signTransaction(keys, { chainId, nonce, tip, action })
    host.publish({ topic: TRANSACTIONS, data: encode(transactionBatchCodec, [encode(signedTransactionCodec, signed)]) })
  } catch (error) {
    if (!(error instanceof HydraError)) throw error
  }
}
