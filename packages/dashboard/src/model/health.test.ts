import { describe, expect, it } from 'vitest'
import type { Status } from '../api/shapes.ts'
import { healthOf } from './health.ts'

const NOW = 1e12
const status = (
  over: { chain?: Partial<Status['chain']>; peers?: number; validators?: Status['validators'] } = {},
): Status => ({
  node: { name: 'a', address: '0x', peerId: 'p', version: '0', engine: 'e', uptimeMs: 0 },
  chain: {
    id: 'c',
    genesis: 'g',
    height: 100,
    blockHash: null,
    time: NOW - 9_000,
    blockIntervalMs: 10_000,
    synced: true,
    syncTarget: null,
    lowest: 1,
    epoch: 2,
    ...over.chain,
  },
  state: 'training',
  reason: '',
  paused: false,
  peers: over.peers ?? 3,
  earned: { total: '0', lastHour: null },
  supply: { total: '0', minted: '0', burnt: '0' },
  waiting: null,
  validators: over.validators ?? { total: 4, self: true },
})

describe('health', () => {
  it('is good when synced, connected and blocks arrive', () => {
    expect(healthOf(status(), NOW, null).tone).toBe('good')
  })

  it('is good for one node alone, which is a working network', () => {
    expect(healthOf(status({ peers: 0, validators: { total: 1, self: true } }), NOW, null).tone).toBe('good')
  })

  it('says what to do when there are others but no peer', () => {
    const health = healthOf(status({ peers: 0 }), NOW, null)
    expect(health).toMatchObject({ tone: 'bad', title: 'No peers' })
    expect(health.detail).toContain('--peer')
  })

  it('tells a chain that stands from one that is late', () => {
    expect(healthOf(status({ chain: { time: NOW - 40_000 } }), NOW, null).tone).toBe('good')
    expect(healthOf(status({ chain: { time: NOW - 90_000 } }), NOW, null).title).toBe('No new blocks')
  })

  it('says how many blocks are missing and how long that takes, when that is known', () => {
    const chain = { synced: false, syncTarget: 1_500 }
    expect(healthOf(status({ chain }), NOW, 65_000).detail).toBe('1,400 blocks to fetch, about 1 min 5 s left.')
    expect(healthOf(status({ chain: { synced: false } }), NOW, null).detail).toBe('Asking peers for newer blocks.')
    expect(healthOf(status({ chain, peers: 0 }), NOW, null).tone).toBe('bad')
  })
})
