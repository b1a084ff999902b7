import { hasHonest, validatorOf, verifyCommit } from '@hydraai/consensus'
import { HydraError } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import type { ChainParameters } from '../genesis/parameters.ts'
import { checkParts, type LightBlock, refuse, type Trusted, trustedOf } from './lightBlock.ts'

export interface LightOptions {
  /** For how long, ms, a block is believed: while those who signed it can still be made to pay for a lie. */
  readonly trustingPeriodMs: number
  /** How far ahead of the own clock a block's time may be, ms. */
  readonly maxClockLeadMs: number
}

export const DEFAULT_CLOCK_LEAD_MS = 10_000

/**
 * Two thirds of the unbonding time, ms, and never more than four fifths of the time in which evidence is taken: who signs
 * a false block loses what is bound, if the proof comes in the rest of it.
 */
export function defaultTrustingPeriod(parameters: ChainParameters): number {
  const { unbondingBlocks, evidenceBlocks, blockIntervalMs } = parameters
  return Math.min(Math.floor((unbondingBlocks * 2) / 3), Math.floor((evidenceBlocks * 4) / 5)) * blockIntervalMs
}

/**
 * Believes the block that follows a believed one: its committee is the one that the believed block names, and more than
 * two thirds of its power signed.
 * @throws LedgerError LIGHT_BLOCK_INVALID, LIGHT_TRUST_EXPIRED
 */
export function verifyAdjacent(trusted: Trusted, block: LightBlock, now: number, options: LightOptions): Trusted {
  checkAgainst(trusted, block, now, options)
  const { header } = block
  if (header.height !== trusted.height + 1) refuse(block, `does not follow height ${trusted.height}`)
  if (header.parent !== trusted.hash) refuse(block, 'has another parent than the block that is believed')
  checkParts(block)
  // The powers are under the hash that both blocks give, so equal members are equal in all.
  if (!isSameCommittee(block, trusted)) refuse(block, 'was decided by others than the block before it names')
  checkCommit(block)
  return trustedOf(block)
}

/**
 * Believes a block further on: more than two thirds of its own committee signed, and among them more than a third, by
 * power, of the committee that the believed block names next, so an honest one of those. Null when that third is missing:
 * then a block between may show the way. One that follows directly is checked as such.
 * @throws LedgerError LIGHT_BLOCK_INVALID, LIGHT_TRUST_EXPIRED
 */
export function verifySkipping(
  trusted: Trusted,
  block: LightBlock,
  now: number,
  options: LightOptions,
): Trusted | null {
  if (block.header.height === trusted.height + 1) return verifyAdjacent(trusted, block, now, options)
  checkAgainst(trusted, block, now, options)
  checkParts(block)
  const { nextCommittee } = trusted
  let power = 0
  const counted = new Set<string>()
  for (const { validator: address } of block.commit.precommits) {
    const believed = validatorOf(nextCommittee, address)
    if (believed === undefined || counted.has(address)) continue
    // The signature is checked with the key of the block's own committee: it must be the same one.
    if (validatorOf(block.committee, address)?.publicKey !== believed.publicKey) continue
    counted.add(address)
    power += believed.power
  }
  if (!hasHonest(power, nextCommittee.totalPower)) return null
  checkCommit(block)
  return trustedOf(block)
}

function checkAgainst(trusted: Trusted, block: LightBlock, now: number, options: LightOptions): void {
  const { header } = block
  if (now - trusted.time >= options.trustingPeriodMs) {
    throw new LedgerError('LIGHT_TRUST_EXPIRED', `block ${trusted.height} is too old to believe others by it`, {
      advice: 'Give the height and hash of a recent block that you have from somebody you believe.',
      details: { height: trusted.height },
    })
  }
  if (header.chainId !== trusted.chainId) refuse(block, `is of the chain ${header.chainId}, not ${trusted.chainId}`)
  if (header.height <= trusted.height) refuse(block, `does not come after height ${trusted.height}`)
  if (header.time <= trusted.time) refuse(block, 'has a time before that of an earlier block')
  if (header.time > now + options.maxClockLeadMs) {
    refuse(block, `has a time ${header.time - now} ms ahead of the clock here`)
  }
}

function isSameCommittee({ committee }: LightBlock, { nextCommittee }: Trusted): boolean {
  const { validators } = nextCommittee
  return (
    committee.validators.length === validators.length &&
    committee.validators.every(({ publicKey, power }, i) => {
      const other = validators[i]!
      return publicKey === other.publicKey && power === other.power
    })
  )
}

function checkCommit(block: LightBlock): void {
  const { header, committee, commit } = block
  try {
    verifyCommit(header.chainId, committee, commit)
  } catch (cause) {
    refuse(block, `is not decided: ${cause instanceof HydraError ? cause.message : 'no commit'}`, cause)
  }
}
