import { HydraError } from '@hydraai/core'
import { MAX_THREADS as ENGINE_THREADS } from '@hydraai/engine'
import { expect, test } from 'vitest'
import {
  MAX_THREADS,
  parseHost,
  parseInterval,
  parseName,
  parsePeer,
  parsePort,
  parseSum,
  parseTrust,
} from './values.ts'

test.each([
  ['/ip4/203.0.113.7/tcp/7777', '/ip4/203.0.113.7/tcp/7777'],
  ['/ip6/2001:db8::1/tcp/7777/p2p/12D3KooWabc', '/ip6/2001:db8::1/tcp/7777/p2p/12D3KooWabc'],
  ['/dns4/example.org/tcp/443/wss', '/dns4/example.org/tcp/443/wss'],
  ['example.org:7777', '/dns/example.org/tcp/7777'],
  ['203.0.113.7:7777', '/ip4/203.0.113.7/tcp/7777'],
  ['[2001:db8::1]:7777', '/ip6/2001:db8::1/tcp/7777'],
])('a peer may be named as %s', (text, multiaddr) => {
  expect(parsePeer(text)).toBe(multiaddr)
})

test.each([
  '',
  'example.org',
  'example.org:0',
  'example.org:65536',
  '/ip4/example.org/tcp/1',
  '/ip6/1.2.3.4/tcp/1',
  '/dns4/1.2.3.4/tcp/1',
  '/ip4/1.2.3.4/udp/7777',
  '/ip4/1.2.3.4/tcp/7777/p2p/12D3/p2p-circuit',
  ' /ip4/1.2.3.4/tcp/7777',
])('%j is no peer', text => {
  expect(() => parsePeer(text)).toThrow(HydraError)
})

test('numbers are whole and within their bounds', () => {
  expect([parsePort('0'), parsePort('65535'), parseInterval('100')]).toEqual([0, 65_535, 100])
  for (const text of ['65536', '-1', '1.5', '1e3', ' 1', '', '0x1f']) expect(() => parsePort(text)).toThrow(HydraError)
  expect(() => parseInterval('99')).toThrow(HydraError)
})

test('a name cannot lead out of its folder', () => {
  expect(parseName('alice_1.2-3')).toBe('alice_1.2-3')
  for (const text of ['', '.', '..', '../x', 'a/b', 'a\\b', 'é', '-x', 'a'.repeat(33)])
    expect(() => parseName(text)).toThrow(HydraError)
})

test('an address to listen on is an IP; localhost is the loopback', () => {
  expect(parseHost('localhost')).toBe('127.0.0.1')
  expect(parseHost('::')).toBe('::')
  expect(() => parseHost('example.org')).toThrow(HydraError)
})

test('threads are limited as the engine limits them', () => {
  expect(MAX_THREADS).toBe(ENGINE_THREADS)
})

test('a block that is trusted is HEIGHT:HASH, in any letter case', () => {
  expect(parseTrust(`1200:${'AB'.repeat(32)}`)).toEqual({ height: 1200, hash: 'ab'.repeat(32) })
  for (const text of ['', '12', `0:${'ab'.repeat(32)}`, `12:${'ab'.repeat(31)}`, `-1:${'ab'.repeat(32)}`])
    expect(() => parseTrust(text)).toThrow(HydraError)
})

test('an amount is above nothing, with at most six decimals', () => {
  expect(parseSum('1.5')).toBe(1_500_000n)
  for (const text of ['0', '-1', '1e3', '0.0000001', 'one', '']) expect(() => parseSum(text)).toThrow(HydraError)
})
