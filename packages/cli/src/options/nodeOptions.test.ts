import { expect, test } from 'vitest'
import { wantsOnlyWallet } from '../commands/wallet.ts'
import { type NodeFlags, nodeSettings } from './nodeOptions.ts'

const flags = (some: Partial<NodeFlags>): NodeFlags => ({ localDiscovery: true, stake: true, train: true, ...some })

test('a node keeps to this machine unless it is asked to be open', () => {
  expect(nodeSettings(flags({})).host).toBe('127.0.0.1')
  const open: Partial<NodeFlags>[] = [{ bootstrap: true }, { lan: true }, { publicIp: '203.0.113.7' }]
  for (const some of open) {
    expect(nodeSettings(flags(some)).host).toBe('0.0.0.0')
    expect(nodeSettings(flags({ ...some, host: '127.0.0.1' })).host).toBe('127.0.0.1')
  }
})

test('the page is 1000 ports above the node, where there is such a port', () => {
  expect(nodeSettings(flags({})).apiPort).toBe(8777)
  expect(nodeSettings(flags({ port: 7778 })).apiPort).toBe(8778)
  expect(nodeSettings(flags({ port: 65_000 })).apiPort).toBe(0)
  expect(nodeSettings(flags({ port: 0 })).apiPort).toBe(0)
})

test('a new wallet is put to use, unless it, a copy or another password is all that was asked for', () => {
  const runs = (some: Partial<NodeFlags>) => !wantsOnlyWallet(flags(some))
  expect(runs({ createWallet: true, user: 'alice123' })).toBe(true)
  expect(runs({ restoreWallet: true })).toBe(true)
  expect(runs({ walletFile: 'alice.wallet' })).toBe(true)
  expect(runs({ createWallet: true, walletFile: 'alice.wallet', port: 7778 })).toBe(true)
  expect(runs({ createWallet: true, walletFile: 'alice.wallet' })).toBe(false)
  expect(runs({ exportWallet: 'alice.wallet.backup' })).toBe(false)
  expect(runs({ changePassword: true, walletFile: 'alice.wallet' })).toBe(false)
})

test('what is kept and how a node syncs follow from the flags; those that contradict each other are refused', () => {
  const point = { height: 7, hash: 'ab'.repeat(32) as never }
  const kept = (some: Partial<NodeFlags>) => {
    const { keepBlocks, sync, trust } = nodeSettings(flags(some))
    return [keepBlocks, sync, trust]
  }
  expect(kept({})).toEqual([undefined, 'auto', null])
  expect(kept({ archive: true })).toEqual([null, 'blocks', null])
  expect(kept({ keepBlocks: 5_000, sync: 'snapshot', trust: point })).toEqual([5_000, 'snapshot', point])
  expect(() => kept({ archive: true, sync: 'snapshot' })).toThrow('never has the blocks before it')
  expect(() => kept({ sync: 'blocks', trust: point })).toThrow('nothing is trusted')
  expect(() => kept({ archive: true, trust: point })).toThrow('begins at a block')
})
