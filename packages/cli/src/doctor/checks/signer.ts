import type { Chain } from '@hydraai/node'
import { type KeyValueStore, SignerStore } from '@hydraai/storage'
import type { Examination } from '../finding.ts'
import { messageOf } from './identity.ts'

/** What the node has signed last, which keeps it from ever voting twice. */
export async function checkSigner({ tell }: Examination, db: KeyValueStore, chain: Chain | undefined): Promise<void> {
  const check = 'signer'
  let record: Awaited<ReturnType<SignerStore['load']>>
  try {
    record = await new SignerStore(db).load()
  } catch (error) {
    const advice =
      'What it has signed is not known any more, so it could vote twice. Wait until the network is some blocks further, then move the store folder away (keep the wallet) and start again.'
    tell({ check, verdict: 'fail', text: messageOf(error), advice })
    return
  }
  if (!record) {
    tell({ check, verdict: 'ok', text: 'this node has signed nothing yet' })
    return
  }
  const text = `signed last: ${record.step} in round ${record.round} of block ${record.height}`
  if (chain && record.height > chain.height + 1) {
    const advice =
      'The chain here is older than that: the node catches up first and signs nothing meanwhile. Nothing to do.'
    tell({ check, verdict: 'warn', text: `${text}, but the chain ends at block ${chain.height}`, advice })
    return
  }
  tell({ check, verdict: 'ok', text })
}
