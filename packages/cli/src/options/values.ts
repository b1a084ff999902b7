import { isIP } from 'node:net'
import { HydraError, isHash, type Micro, parseAmount } from '@hydraai/core'
import type { TrustedPoint } from '@hydraai/node'

/** Parsers of what stands behind a flag. Each throws OPTION_INVALID with what it would have taken. */

/** Makes of such a parser one whose refusal commander shows beside the flag. */
export type Read = <T>(parse: (text: string) => T) => (text: string) => T

export function parsePort(text: string): number {
  return parseWhole(text, 0, 65_535, 'a port, from 1 to 65535 (0 takes any free one)')
}

export function parseInterval(text: string): number {
  return parseWhole(text, 100, 3_600_000, 'a block interval in milliseconds, from 100 to 3600000')
}

export function parseTimeout(text: string): number {
  return parseWhole(text, 1, 31_536_000, 'a number of seconds, from 1 up')
}

/** The engine's limit, which a test compares: the engine itself is not loaded for every `--help`. */
export const MAX_THREADS = 32

export function parseThreads(text: string): number {
  return parseWhole(text, 1, MAX_THREADS, `a number of threads, from 1 to ${MAX_THREADS}`)
}

export function parseNodeCount(text: string): number {
  return parseWhole(text, 1, 999_999_999, 'a number of nodes, from 1 up')
}

/** At most what a chain of one-second blocks makes in three decades. */
const MAX_HEIGHT = 999_999_999

export function parseKeepBlocks(text: string): number {
  return parseWhole(text, 1, MAX_HEIGHT, 'a number of blocks, from 1 up')
}

/** `HEIGHT:HASH`, as the block page and `hydra_node committee` show it. */
export function parseTrust(text: string): TrustedPoint {
  const [, height = '', hash = ''] = /^(\d{1,9}):([0-9a-f]{64})$/i.exec(text) ?? []
  const lower = hash.toLowerCase()
  if (!isHash(lower) || Number(height) < 1) throw invalid(text, 'a block as HEIGHT:HASH, the hash in 64 hex digits')
  return { height: Number(height), hash: lower }
}

/** An amount of HYDRA above 0. Throws AMOUNT_INVALID. */
export function parseSum(text: string): Micro {
  const amount = parseAmount(text)
  if (amount <= 0n) throw invalid(text, 'an amount of HYDRA above 0, such as 1.5')
  return amount
}

export function parseIp(text: string): string {
  if (isIP(text) === 0) throw invalid(text, 'an IP address such as 203.0.113.7')
  return text
}

/** An address to listen on. */
export function parseHost(text: string): string {
  return text === 'localhost' ? '127.0.0.1' : parseIp(text)
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/

/** A user's name: it is shown to others and names the data folder. */
export function parseName(text: string): string {
  if (!NAME.test(text))
    throw invalid(text, 'a name of 1 to 32 letters, digits, "_", "." and "-", a letter or digit first')
  return text
}

export function parsePath(text: string): string {
  if (text === '' || text.includes('\0')) throw invalid(text, 'the path of a file or folder')
  return text
}

const PEER_HINT = 'a peer such as /ip4/203.0.113.7/tcp/7777 or example.org:7777'
const MULTIADDR = /^\/(ip4|ip6|dns|dns4|dns6)\/([^/\s]+)\/tcp\/(\d{1,5})(?:\/wss?)?(?:\/p2p\/[A-Za-z0-9]+)?$/
const HOST_AND_PORT = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/

/** The multiaddr of a peer; `host:port` is taken too. */
export function parsePeer(text: string): string {
  const whole = MULTIADDR.exec(text)
  const short = HOST_AND_PORT.exec(text)
  const host = whole?.[2] ?? short?.[1] ?? short?.[2]
  const port = Number(whole?.[3] ?? short?.[3])
  if (host === undefined || port < 1 || port > 65_535) throw invalid(text, PEER_HINT)
  const version = isIP(host)
  const family = version === 0 ? 'dns' : `ip${version}`
  if (!whole) return `/${family}/${host}/tcp/${port}`
  const named = whole[1]!.startsWith('dns') ? 'dns' : whole[1]
  if (named !== family) throw invalid(text, PEER_HINT)
  return text
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

function parseWhole(text: string, least: number, most: number, hint: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most)) throw invalid(text, hint)
  return value
}

function invalid(text: string, hint: string): HydraError {
  return new HydraError('OPTION_INVALID', `${JSON.stringify(text.slice(0, 80))} is not ${hint}.`)
}
