import type { MultiaddrConnection, PeerId } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { Counters } from '../counters.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { connectionGater, ipOf, isLoopback } from './gater.ts'
import { BAN_THRESHOLD, Misbehaviour } from './misbehaviour.ts'

function gater(localNetwork = false) {
  const connected: { peerId: string; address: string }[] = []
  const counters = new Counters()
  const clock = { now: 0 }
  const misbehaviour = new Misbehaviour(() => clock.now)
  const made = connectionGater({
    limits: DEFAULT_LIMITS,
    localNetwork,
    counters,
    misbehaviour,
    connections: () => connected,
  })
  return { made, connected, counters, misbehaviour, clock }
}

/** What the gater looks at of a socket. */
function socketFrom(ip: string) {
  const target = new EventTarget()
  return Object.assign(target, {
    remoteAddr: { toString: () => `/ip4/${ip}/tcp/5000` },
  }) as unknown as MultiaddrConnection
}
const peer = (id: string) => ({ toString: () => id }) as PeerId

test('three nodes of one address are let in, the fourth is not, and another address is', () => {
  const { made, connected, counters } = gater()
  for (const id of ['a', 'b', 'c']) {
    const socket = socketFrom('203.0.113.7')
    expect(made.denyInboundConnection!(socket)).toBe(false)
    expect(made.denyInboundEncryptedConnection!(peer(id), socket)).toBe(false)
    expect(made.denyInboundUpgradedConnection!(peer(id), socket)).toBe(false)
    connected.push({ peerId: id, address: `/ip4/203.0.113.7/tcp/1/p2p/${id}` })
  }
  expect(made.denyInboundConnection!(socketFrom('203.0.113.7'))).toBe(true)
  expect(made.denyInboundEncryptedConnection!(peer('d'), socketFrom('203.0.113.7'))).toBe(true)
  expect(made.denyOutboundEncryptedConnection!(peer('d'), socketFrom('203.0.113.7'))).toBe(true)
  // One of the three may connect anew.
  expect(made.denyInboundEncryptedConnection!(peer('c'), socketFrom('203.0.113.7'))).toBe(false)
  expect(made.denyInboundConnection!(socketFrom('203.0.113.8'))).toBe(false)
  expect(counters.snapshot().refused.connection).toBe(3)
})

test('sockets that never finish their handshake are bounded for each address, and leave room when they end', () => {
  const { made } = gater()
  const sockets = Array.from({ length: 5 }, () => socketFrom('203.0.113.7'))
  for (const socket of sockets) expect(made.denyInboundConnection!(socket)).toBe(false)
  expect(made.denyInboundConnection!(socketFrom('203.0.113.7'))).toBe(true)
  sockets[0]!.dispatchEvent(new Event('close'))
  expect(made.denyInboundConnection!(socketFrom('203.0.113.7'))).toBe(false)
})

test('loopback is exempt on a local network only', () => {
  for (const [local, denied] of [
    [true, false],
    [false, true],
  ] as const) {
    const { made, connected } = gater(local)
    for (const id of ['a', 'b', 'c']) connected.push({ peerId: id, address: '/ip4/127.0.0.1/tcp/1' })
    expect(made.denyInboundConnection!(socketFrom('127.0.0.1'))).toBe(denied)
  }
})

test('a banned peer is refused until its blame has faded', () => {
  const { made, misbehaviour, clock } = gater(true)
  misbehaviour.add('bad', BAN_THRESHOLD + 1)
  expect(made.denyInboundEncryptedConnection!(peer('bad'), socketFrom('127.0.0.1'))).toBe(true)
  expect(made.denyDialPeer!(peer('bad'))).toBe(true)
  expect(made.denyDialPeer!(peer('good'))).toBe(false)
  clock.now = 60_000
  expect(made.denyDialPeer!(peer('bad'))).toBe(false)
})

test('addresses are read from multiaddrs', () => {
  expect(ipOf('/ip4/203.0.113.7/tcp/1')).toBe('203.0.113.7')
  expect(ipOf('/ip6/2001:db8::1/tcp/1/ws')).toBe('2001:db8::1')
  expect(ipOf('/ip6/::ffff:203.0.113.7/tcp/1')).toBe('203.0.113.7')
  expect(ipOf('/ip4/203.0.113.7/tcp/1/p2p/x/p2p-circuit/p2p/y')).toBeNull()
  expect(ipOf('/dns4/example.org/tcp/1')).toBeNull()
  expect([isLoopback('127.3.2.1'), isLoopback('::1'), isLoopback('128.0.0.1')]).toEqual([true, true, false])
})
