import type { LedgerState } from '@hydraai/ledger'
import type { Made } from '../falseUnits.ts'
import { falseUnits } from '../falseUnits.ts'
import { madeUp } from '../forge.ts'

export const copyAfterReveal = falseUnits({
  name: 'copy-after-reveal',
  is: 'sends what another revealed in the round before as its own, with the same trace and true losses',
  forge: async ({ unit, job, stage }: Made) => {
    const node = stage.attackers[0]!.node!
    const reveal = revealedByOther(node.state, job.id.model, unit.trainer)
    if (reveal === null) return null
    const bytes = await node.library.get(reveal.payload, { maxBytes: reveal.payloadBytes })
    return stage.forge.withPayload(unit, job, bytes, { keys: madeUp('key', job) })
  },
})

function revealedByOther({ settling }: LedgerState, model: string, self: string) {
  const updates = settling.get(model)?.updates ?? []
  return updates.find(({ trainer, reveal }) => trainer !== self && reveal !== null)?.reveal ?? null
}
