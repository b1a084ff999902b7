import { encode, equalBytes } from '@hydraai/core'
import {
  accountProofCodec,
  bisect,
  blockCodec,
  committeeOf,
  conflictOf,
  eventProofCodec,
  eventsCodec,
  type LedgerEvent,
  type LightBlock,
  lightBlockCodec,
  makeLightStore,
  offerLightBlock,
  proveAccount,
  proveEvent,
  trustedOf,
  trustGenesis,
  verifyAccount,
  verifyAdjacent,
  verifyEvent,
  verifyParent,
  verifySkipping,
} from '@hydraai/ledger'
import { lightResponseCodec, snapshotsResponseCodec } from '../../../packages/node/src/sync/protocols.ts'
import { promise, type Target, unlessRefused } from '../engine/target.ts'
import { codecTarget } from './codecTarget.ts'
import { digestOf, person, sample } from './world.ts'

const OPTIONS = { trustingPeriodMs: 1_000_000_000, maxClockLeadMs: 10_000 }

export function targets(): readonly Target[] {
  const { world, before, events, founders } = sample()
  const { genesis, blocks, state } = world
  const chain = blocks.slice(0, -1).map((block, i): LightBlock => {
    const [committee, nextCommittee] = [committeeOf(before[i]!), committeeOf(before[i + 1]!)]
    return { header: block.header, commit: blocks[i + 1]!.lastCommit!, committee, nextCommittee }
  })
  const last = blocks.at(-1)!
  const now = last.header.time
  const trust = trustGenesis(genesis)
  const known = new Set(chain.map(block => trustedOf(block).hash))
  const owners = [...founders, person('newcomer'), person('nobody'), person('nobody else')]
  return [
    codecTarget('light-block', lightBlockCodec, [chain[0]!, chain[1]!, chain.at(-1)!], {
      use(block) {
        for (const verify of [verifyAdjacent, verifySkipping])
          for (const base of [trust, trustedOf(chain[1]!)]) {
            const believed = unlessRefused(() => verify(base, block, now, OPTIONS))
            if (believed) promise(known.has(believed.hash), 'a block was believed that nobody decided')
          }
        unlessRefused(() => verifyParent(trustedOf(chain[2]!), block))
        unlessRefused(() => conflictOf(chain[0]!, block))
        const store = offerLightBlock(makeLightStore(trust), block)
        const step = unlessRefused(() => bisect(store, chain.length, now, OPTIONS))
        if (step && 'want' in step)
          promise(step.want > 0 && step.want <= chain.length, 'a height was wanted that is no use')
      },
    }),
    codecTarget('light-response', lightResponseCodec, [null, chain[0]!], { maxBytes: 262_144 }),
    codecTarget(
      'account-proof',
      accountProofCodec,
      owners.map(({ address }) => proveAccount(state, address)),
      {
        use(proof) {
          const account = verifyAccount(last.header, proof)
          const held = state.accounts.get(proof.address)
          promise(
            (account === null) === (held === undefined),
            'it was proven that an account is there, or not, that is not so',
          )
          if (account !== null)
            promise(account.balance === held!.balance && account.nonce === held!.nonce, 'another account was proven')
        },
      },
    ),
    eventProof(
      events,
      blocks.findIndex((_, i) => events[i]!.length > 3),
    ),
    codecTarget('snapshots-response', snapshotsResponseCodec, [
      {
        offers: [{ height: 500, hash: digestOf('block'), id: digestOf('state'), bytes: 1_000 }],
        block: { block: encode(blockCodec, last), events: encode(eventsCodec, [...events.at(-1)!]) },
      },
      { offers: [], block: null },
    ]),
  ]
}

/** Proofs against the header of a block whose events are known: only they can be proven. */
function eventProof(events: readonly (readonly LedgerEvent[])[], at: number): Target {
  const { header } = sample().world.blocks[at]!
  const happened = events[at]!
  const seeds = happened.map((_, i) => proveEvent(happened, i))
  return codecTarget('event-proof', eventProofCodec, seeds, {
    use(proof) {
      const event = encode(eventsCodec, [verifyEvent(header, proof)])
      promise(
        happened.some(one => equalBytes(encode(eventsCodec, [one]), event)),
        'an event was proven that never happened',
      )
    },
  })
}
