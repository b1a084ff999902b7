import { CounterRandom, type Hash, hashOf, keyPairFromSeed, taggedHash, utf8, ZERO_HASH } from '@hydraai/core'
import { genesisState, type LedgerState, type Query, signReceipt } from '@hydraai/ledger'
import { memoryStorage, SimulatedDisk } from '@hydraai/storage'
import { describe, expect, it } from 'vitest'
import { Mempool } from '../mempool/mempool.ts'
import { Outbox } from '../mempool/outbox.ts'
import { silentLogger } from '../ports.ts'
import { Debts, PAYMENT_BLOCKS } from './debts.ts'
import { OwnPayments } from './ownPayments.ts'
import { AskNetwork, MODEL } from './testing/world.ts'

const asker = keyPairFromSeed(new Uint8Array(32).fill(1)).address
const name = (text: string) => hashOf(utf8(text))
const disk = () => new SimulatedDisk({ random: new CounterRandom(taggedHash('accounts test', utf8('disk'))) })

describe('debts', () => {
  it('stand against an asker from the 20th block on, or when they are too many, until they are paid', async () => {
    const debts = await Debts.open(memoryStorage(disk()).db)
    await debts.add({ asker, request: name('a'), height: 100 })
    expect(debts.against(asker, 100 + PAYMENT_BLOCKS)).toBe(null)
    expect(debts.against(asker, 101 + PAYMENT_BLOCKS)).toBe('overdue')
    await debts.settle([name('a'), name('never asked')], 130)
    expect(debts.against(asker, 130)).toBe(null)
    for (const request of 'bcdefghijklmnopq') await debts.add({ asker, request: name(request), height: 130 })
    expect(debts.against(asker, 130)).toBe('tooMany')
    expect(debts.owedBy(asker)).toBe(16)
    const other = keyPairFromSeed(new Uint8Array(32).fill(2)).address
    expect(debts.against(other, 200)).toBe(null)
  })

  it('outlive a restart, and are forgotten after a day', async () => {
    const same = disk()
    const storage = memoryStorage(same)
    await (await Debts.open(storage.db)).add({ asker, request: name('a'), height: 100 })
    const again = await Debts.open(storage.db)
    expect(again.against(asker, 200)).toBe('overdue')
    await again.settle([], 100 + 8_641)
    expect(again.against(asker, 10_000)).toBe(null)
    expect((await Debts.open(storage.db)).against(asker, 10_000)).toBe(null)
  })
})

describe('own payments', () => {
  const network = new AskNetwork({ founders: 2 })
  const [payer, server] = [network.keys(0), network.keys(1)]
  const genesis = genesisState(network.genesis)
  const rich: LedgerState = {
    ...genesis,
    accounts: new Map([...genesis.accounts].map(([key, account]) => [key, { ...account, balance: 10_000_000n }])),
  }

  function query(what: string): Query {
    const receipt = {
      ...{ chainId: genesis.chainId, model: MODEL, version: 3, parameters: network.gpt.ids.parameters },
      ...{ asker: payer.address, server: server.address, request: name(what), answer: name('answer'), tokens: 1 },
    }
    const { chainId: _, asker: __, ...fields } = receipt
    return { type: 'query', ...fields, signature: signReceipt(server, receipt) }
  }

  /** A node's payments over what is on its disk, as after a start. */
  async function started(storage: ReturnType<typeof memoryStorage>, state: LedgerState, committed: Hash[] = []) {
    const mempool = new Mempool(state)
    const outbox = new Outbox({ chainId: genesis.chainId, keys: payer, mempool, logger: silentLogger })
    const payments = await OwnPayments.open({
      ...{ self: payer.address, db: storage.db, outbox, mempool, logger: silentLogger },
      heightOf: async id => (committed.includes(id) ? 1 : undefined),
    })
    return { payments, mempool, outbox }
  }

  const at = (state: LedgerState, blocks: number, nonce = 0): LedgerState => {
    const accounts = new Map(state.accounts)
    accounts.set(payer.address, { ...accounts.get(payer.address)!, nonce })
    const height = state.height + blocks
    // The history has a peak for each bit of the height.
    const peaks = [...height.toString(2)].filter(bit => bit === '1').length
    return { ...state, height, accounts, history: Array(peaks).fill(ZERO_HASH) }
  }

  it('are made by one transaction, the very same after a restart, and by none once it is in a block', async () => {
    const storage = memoryStorage(disk())
    const first = await started(storage, rich)
    const transaction = await first.payments.pay(query('a'), rich)
    expect(transaction).not.toBe(null)
    await first.payments.onState(at(rich, 1), [])
    expect(first.mempool.ids()).toEqual([transaction])
    const second = await started(storage, rich)
    await second.payments.onState(at(rich, 2), [])
    expect(second.mempool.ids()).toEqual([transaction])
    const third = await started(storage, at(rich, 3, 1), [transaction!])
    await third.payments.onState(at(rich, 3, 1), [])
    expect(third.mempool.size).toBe(0)
    expect(third.payments.size).toBe(0)
    expect((await started(storage, rich)).payments.size).toBe(0)
  })

  it('are signed anew only when something else took their place in the order', async () => {
    const storage = memoryStorage(disk())
    const transaction = await (await started(storage, rich)).payments.pay(query('a'), rich)
    const later = await started(storage, at(rich, 1, 1))
    await later.payments.onState(at(rich, 1, 1), [])
    expect(later.mempool.ids()).toHaveLength(1)
    expect(later.mempool.ids()).not.toEqual([transaction])
  })

  it('that the ledger does not take yet wait, over a restart too, and are given up in the end', async () => {
    const storage = memoryStorage(disk())
    const poor = await started(storage, genesis)
    expect(await poor.payments.pay(query('a'), genesis)).toBe(null)
    const again = await started(storage, rich)
    expect(again.payments.size).toBe(1)
    await again.payments.onState(at(rich, 5), [])
    expect(again.mempool.size).toBe(1)
    await again.payments.onState(at(rich, 6, 1), [name('a')])
    expect(again.payments.size).toBe(0)
    await poor.payments.onState(at(genesis, 201), [])
    expect(poor.payments.size).toBe(0)
  })
})
