import { merkleRoot } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { genesisOf, person } from '../../test/world.ts'
import { genesisState } from '../genesis/genesisState.ts'
import { emptyAccount } from './account.ts'
import { entriesOf } from './entries.ts'
import { stateRoot } from './root.ts'
import { compareKeys, withWrites } from './sortedTable.ts'
import type { LedgerState } from './types.ts'

const people = Array.from({ length: 12 }, (_, i) => person(`holder ${i}`).address)
const first = genesisState(genesisOf([person('founder')]))

describe('stateRoot', () => {
  it('is the RFC 6962 root over the entries, and growing from the parent gives what starting anew gives', () => {
    const change = fc.array(fc.tuple(fc.nat(11), fc.bigInt({ min: 0n, max: 1000n })), { maxLength: 6 })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), changes => {
        let state: LedgerState = first
        for (const [i, writes] of changes.entries()) {
          const accounts = new Map(writes.map(([who, balance]) => [people[who]!, { ...emptyAccount, balance }]))
          const next = { ...state, height: i + 1, accounts: withWrites(state.accounts, accounts) }
          const grown = stateRoot(next, { parent: state, accounts, unbondings: new Map() })
          expect(grown).toBe(merkleRoot(entriesOf(next).map(entry => entry.bytes)))
          expect(grown).toBe(stateRoot({ ...next }))
          state = next
        }
      }),
      { numRuns: 50 },
    )
  })

  it('has its entries in ascending order of keys, also when one model id begins another', () => {
    const [model] = genesisOf([]).models
    const models = ['a', 'a-b', 'ab', 'a0'].map(id => ({ ...model!, id }))
    const state = genesisState(genesisOf([person('founder')], { models }))
    const keys = entriesOf(state).map(entry => entry.key)
    expect(keys).toEqual([...keys].sort(compareKeys))
  })

  it('tells two accounts apart that are one and the same object in memory', () => {
    const shared = { ...emptyAccount, balance: 5n }
    const accounts = withWrites(first.accounts, new Map(people.slice(0, 2).map(who => [who, shared])))
    const state = { ...first, accounts }
    const apart = new Map([...accounts].map(([who, account]) => [who, { ...account }]))
    expect(stateRoot(state)).toBe(stateRoot({ ...state, accounts: apart }))
  })

  it('covers every field but the block hash', () => {
    const root = stateRoot(first)
    const changes: Partial<LedgerState>[] = [
      { height: 7 },
      { time: 7 },
      { beacon: first.genesis },
      { proposer: people[0]! },
      { totalDrawPower: 7n },
      { history: [first.beacon] },
      { committee: [] },
      { minted: 7n },
      { burnt: 7n },
      { lastCommittee: [{ address: people[0]!, publicKey: person('x').publicKey, power: 1 }] },
      { accounts: new Map() },
      { models: new Map() },
      { rounds: new Map() },
      { genesis: first.beacon },
    ]
    for (const change of changes) expect(stateRoot({ ...first, ...change })).not.toBe(root)
    expect(stateRoot({ ...first, blockHash: first.beacon })).toBe(root)
  })
})
