import { makeEvidence, type SignedVote, voteSignBytes } from '@hydraai/consensus'
import { type KeyPair, taggedHash, utf8, ZERO_HASH } from '@hydraai/core'
import { accountOf, genesisState, type LedgerState } from '@hydraai/ledger'
import { memoryStorage, SimulatedDisk, type Storage } from '@hydraai/storage'
import { beforeEach, expect, test } from 'vitest'
import { HandClock, settled, TestCommittee } from '../consensus/testing/committee.ts'
import { Journal } from '../journal.ts'
import { Mempool } from '../mempool/mempool.ts'
import { Outbox } from '../mempool/outbox.ts'
import { silentLogger } from '../ports.ts'
import { EvidenceDesk } from './evidenceDesk.ts'

const committee = new TestCommittee()
const { chainId } = committee.genesis
const [self, culprit] = committee.keys as [KeyPair, KeyPair]
const base = genesisState(committee.genesis)

function at(height: number, isPunished = false): LedgerState {
  const peaks = [...height.toString(2)].filter(bit => bit === '1').length
  const account = accountOf(base, culprit.address)
  const accounts = new Map(base.accounts)
  if (isPunished) accounts.set(culprit.address, { ...account, slashed: true, stake: 0n })
  return { ...base, height, accounts, history: Array(peaks).fill(ZERO_HASH) }
}

function evidenceAt(height: number, round = 0) {
  const vote = (text: string): SignedVote => {
    const valueId = taggedHash('value', utf8(text))
    const unsigned = { type: 'prevote' as const, height, round, valueId, validator: culprit.address }
    return { ...unsigned, signature: culprit.sign(voteSignBytes(chainId, unsigned)) }
  }
  return makeEvidence(vote('one'), vote('other'))
}

let disk: SimulatedDisk
let running: Storage | null
beforeEach(() => {
  running = null
  disk = new SimulatedDisk({ random: { below: () => 0 } })
})

/** Starts on the disk of the node that ran before, which ends well. */
async function open(height = 1) {
  await running?.close()
  running = memoryStorage(disk)
  let state = at(height)
  const journal = new Journal({ clock: new HandClock(), logger: silentLogger })
  const mempool = new Mempool(state)
  const outbox = new Outbox({ chainId, keys: self, mempool, logger: silentLogger })
  const { db } = running
  const desk = new EvidenceDesk({
    ...{ publicKey: self.publicKey, db, outbox, journal, logger: silentLogger },
    nameOf: () => 'mallory',
    state: () => state,
  })
  await desk.load()
  const see = (next: LedgerState) => {
    state = next
    mempool.advance(state)
    desk.onState()
  }
  const reports = () => mempool.ordered(10).filter(({ action }) => action.type === 'evidence').length
  return { desk, see, mempool, reports, journal }
}

test('evidence is sent once, again when it got lost, and closed when the culprit is punished', async () => {
  const { desk, see, reports, journal } = await open()
  for (const round of [0, 1, 2]) desk.report(evidenceAt(1, round))
  await settled()
  expect(reports()).toBe(1)
  see(at(2))
  expect(reports()).toBe(1)
  const lost = await open(2)
  expect([lost.desk.open, lost.reports()]).toEqual([1, 0])
  lost.see(at(3))
  expect(lost.reports()).toBe(1)
  lost.see(at(4, true))
  expect([lost.desk.open, lost.reports()]).toEqual([0, 0])
  await settled()
  expect((await open(4)).desk.open).toBe(0)
  expect(journal.recent(5).map(({ text }) => text)).toEqual([
    'mallory signed two conflicting votes; the evidence goes to the ledger',
  ])
})

test('evidence of the height under vote waits for it; what the ledger never takes is not taken up', async () => {
  const { desk, see, reports } = await open(1)
  desk.report(evidenceAt(3))
  await settled()
  expect([desk.open, reports()]).toEqual([1, 0])
  see(at(2))
  expect(reports()).toBe(1)
  const late = await open(60_000)
  late.desk.report(evidenceAt(1))
  expect(late.desk.open).toBe(1)
  late.see(at(60_001))
  expect([late.desk.open, late.reports()]).toEqual([0, 0])
})
