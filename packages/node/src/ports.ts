import type { Clock, KeyPair } from '@hydraai/core'
import type { Network } from '@hydraai/network'
import type { Storage } from '@hydraai/storage'
import type { Compute } from './compute/compute.ts'
import type { SignatureChecker } from './sync/signatures/checker.ts'

/** Structured diagnostics. Never receives keys, passwords or tokens. */
export interface Logger {
  debug(message: string, details?: Record<string, unknown>): void
  info(message: string, details?: Record<string, unknown>): void
  warn(message: string, details?: Record<string, unknown>): void
  error(message: string, details?: Record<string, unknown>): void
}

/** Everything a node needs from outside. The simulator hands in seeded implementations of the same ports. */
export interface NodePorts {
  readonly clock: Clock
  readonly network: Network
  readonly storage: Storage
  readonly compute: Compute
  readonly keys: KeyPair
  readonly logger: Logger
  /** Uniform in [0, 1). Chooses peers and spreads load; nothing that reaches the ledger depends on it. */
  readonly random: () => number
  /** Checks the signatures of fetched blocks ahead of the ledger; without one the ledger checks them itself. */
  readonly signatures?: SignatureChecker
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** While a node stops, work is cut off everywhere: what services then warn of is no news to a person. */
export function untilStopped(logger: Logger, stopped: () => boolean): Logger {
  return {
    debug: (message, details) => logger.debug(message, details),
    info: (message, details) => logger.info(message, details),
    warn: (message, details) => (stopped() ? logger.debug(message, details) : logger.warn(message, details)),
    error: (message, details) => logger.error(message, details),
  }
}
