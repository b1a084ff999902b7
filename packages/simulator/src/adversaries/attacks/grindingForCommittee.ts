import { decode } from '@hydraai/core'
import { applyBlock, blockCodec } from '@hydraai/ledger'
import type { Actor, ActorHost } from '../../actor.ts'
import { deafToItself } from '../../byzantine/deaf.ts'
import { proposalOf } from '../../byzantine/messages.ts'
import { falseUnits } from '../falseUnits.ts'
import { MODEL } from '../task.ts'
import { zeroOf } from './zeroUpdate.ts'

export const grindingForCommittee = falseUnits({
  name: 'grinding-for-committee',
  is: 'trains nothing, and holds back each block of its own whose beacon would have its units replayed',
  forge: zeroOf,
  also: ({ betrays }) => ({ actor: machine => deafToItself(grinder(() => betrays(machine))) }),
})

function grinder(betrays: () => boolean): Actor {
  return {
    kind: 'grinder',
    onPublish(message, host) {
      const said = proposalOf(message)
      return said !== null && betrays() && drawsAudit(said.block, host) ? [] : [message]
    },
  }
}

/** Whether the block draws somebody to replay a unit of the attacker. */
function drawsAudit(bytes: Uint8Array, { node, keys }: ActorHost): boolean {
  const before = node.state.settling.get(MODEL)
  try {
    const { state } = applyBlock(node.state, decode(blockCodec, bytes))
    const round = state.settling.get(MODEL)
    if (!round?.drawBeacon || before?.drawBeacon === round.drawBeacon) return false
    return round.updates.some(
      ({ trainer, verifiers }) => trainer === keys.address && verifiers.some(({ segments }) => segments > 0),
    )
  } catch {
    return false
  }
}
