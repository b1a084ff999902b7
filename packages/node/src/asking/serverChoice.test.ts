import { keyPairFromSeed, ZERO_HASH } from '@hydraai/core'
import type { LedgerState } from '@hydraai/ledger'
import { expect, test } from 'vitest'
import { type Server, serversOf } from './serverChoice.ts'

const people = ['near', 'far', 'mute'].map((name, i) => {
  return { name, peerId: `peer-${name}`, keys: keyPairFromSeed(new Uint8Array(32).fill(i + 1)) }
})
const accounts = new Map(
  people.map(({ name, keys }) => [keys.address, { name, registered: true, publicKey: keys.publicKey }]),
)
const state = { accounts } as unknown as LedgerState
const peers = people.map(({ name, peerId, keys: { address } }) => ({
  ...{ peerId, name, address, chainId: 'hydra-00000000', genesis: ZERO_HASH, engine: ZERO_HASH },
  ...{ height: 1, hash: ZERO_HASH, activity: 'synced', serves: ['gpt'] },
}))
const latencies = { 'peer-near': 5, 'peer-far': 80, 'peer-mute': 1 }
const connections = Object.entries(latencies).map(([peerId, latencyMs]) => ({
  ...{ peerId, latencyMs, address: '', direction: 'inbound' as const, connectedAt: 0 },
}))
const self = keyPairFromSeed(new Uint8Array(32).fill(9)).address
const namesOf = (servers: readonly Server[]) => servers.map(({ name }) => name)
const choose = (avoided: readonly string[], known = peers) =>
  namesOf(serversOf('gpt', { peers: known as never, connections, state, self, avoided: id => avoided.includes(id) }))

test('the nearest is asked first, and one that failed a moment ago last', () => {
  expect(choose([])).toEqual(['mute', 'near', 'far'])
  expect(choose(['peer-mute'])).toEqual(['near', 'far', 'mute'])
})

test('one that failed is asked again when there is no other: it may be back', () => {
  expect(choose(['peer-mute'], peers.slice(2))).toEqual(['mute'])
})

test('who does not serve the model, or could not be paid, is not asked', () => {
  const [near, far, mute] = peers
  expect(choose([], [{ ...near!, serves: [] }, { ...far!, address: self }, mute!])).toEqual(['mute'])
})
