import {
  type Address,
  address,
  addressOf,
  type Codec,
  codecError,
  encode,
  type Hash,
  HydraError,
  list,
  type PublicKey,
  publicKey,
  struct,
  taggedHash,
  uintRange,
} from '@hydraai/core'

/** One that may vote, and with how much weight. */
export interface Validator {
  address: Address
  publicKey: PublicKey
  /** Voting power, a safe integer above 0. */
  power: number
}

/** Those who vote at one height. Made by {@link makeCommittee} only. */
export interface Committee {
  /** By address, as text. */
  validators: Validator[]
  /** The sum of their powers. */
  totalPower: number
}

/** Most validators that a committee may have. */
export const MAX_VALIDATORS = 256
/** Largest total power, so that three times it is still a safe integer. */
export const MAX_TOTAL_POWER = Math.floor(Number.MAX_SAFE_INTEGER / 3)

function invalid(problem: string): HydraError<'COMMITTEE_INVALID'> {
  return new HydraError('COMMITTEE_INVALID', `the committee ${problem}`)
}

/**
 * The committee of these validators, whatever their order. @throws HydraError COMMITTEE_INVALID: none or too many, one
 * twice, a power that is no positive integer or too large in sum, an address that is not of its public key
 */
export function makeCommittee(validators: readonly Validator[]): Committee {
  if (validators.length === 0) throw invalid('has no validators')
  if (validators.length > MAX_VALIDATORS) throw invalid(`has ${validators.length} validators, over ${MAX_VALIDATORS}`)
  const sorted = validators
    .map(({ address, publicKey, power }) => ({ address, publicKey, power }))
    .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0))
  let totalPower = 0
  let previous: Address | null = null
  for (const { address, publicKey, power } of sorted) {
    if (address === previous) throw invalid(`names ${address} twice`)
    if (addressOf(publicKey) !== address) throw invalid(`gives ${address} a public key of another address`)
    if (!Number.isSafeInteger(power) || power < 1) throw invalid(`gives ${address} the power ${power}`)
    totalPower += power
    if (totalPower > MAX_TOTAL_POWER) throw invalid(`has more power than ${MAX_TOTAL_POWER}`)
    previous = address
  }
  return { validators: sorted, totalPower }
}

/** The validator of that address, or undefined. */
export function validatorOf(committee: Committee, address: Address): Validator | undefined {
  const { validators } = committee
  let low = 0
  let high = validators.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (validators[middle]!.address < address) low = middle + 1
    else high = middle
  }
  return validators[low]?.address === address ? validators[low] : undefined
}

const validatorsCodec = list<Validator>(struct({ address, publicKey, power: uintRange(1, MAX_TOTAL_POWER) }), {
  max: MAX_VALIDATORS,
})

/** On the wire the list of validators; the total is counted again. */
export const committeeCodec: Codec<Committee> = {
  toWire: (committee, path) => validatorsCodec.toWire(committee.validators, path),
  fromWire(wire, path) {
    const validators = validatorsCodec.fromWire(wire, path)
    try {
      return makeCommittee(validators)
    } catch (cause) {
      throw codecError(path, cause instanceof HydraError ? cause.message : 'not a committee', cause)
    }
  },
}

/** What a block header says of its committee. */
export function committeeHash(committee: Committee): Hash {
  return taggedHash('hydra/committee/1', encode(committeeCodec, committee))
}
