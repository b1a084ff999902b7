import { type Committee, committeeHash, makeCommit, makeCommittee } from '@hydraai/consensus'
import { type Hash, type KeyPair, type VrfProof, ZERO_HASH } from '@hydraai/core'
import { blockHash, type Header, type LightBlock, type LightOptions, type Trusted } from '../src/index.ts'
import { digestOf, person, signedPrecommit } from './world.ts'

export const CHAIN_ID = 'hydra-0badcafe'
export const START = 1_700_000_000_000
export const STEP_MS = 10_000
export const OPTIONS: LightOptions = { trustingPeriodMs: 1_000 * STEP_MS, maxClockLeadMs: 5_000 }

export const PEOPLE: readonly KeyPair[] = Array.from({ length: 10 }, (_, i) => person(`light ${i}`))
const keysOf = new Map(PEOPLE.map(keys => [keys.address, keys]))

/** A committee of the people with those numbers, all of one power or of the powers given. */
export function committeeOfPeople(numbers: readonly number[], powers: readonly number[] = []): Committee {
  return makeCommittee(
    numbers.map((number, i) => {
      const { address, publicKey } = PEOPLE[number]!
      return { address, publicKey, power: powers[i] ?? 1 }
    }),
  )
}

export const membersOf = (committee: Committee): KeyPair[] =>
  committee.validators.map(({ address }) => keysOf.get(address)!)

/** A light block that `signers` precommitted, whoever they are. */
export function lightBlock(
  change: Partial<Header>,
  committee: Committee,
  nextCommittee: Committee,
  signers: readonly KeyPair[] = membersOf(committee),
): LightBlock {
  const height = change.height ?? 1
  const header: Header = {
    chainId: CHAIN_ID,
    height,
    time: START + height * STEP_MS,
    proposer: committee.validators[0]!.address,
    beaconProof: '00'.repeat(80) as VrfProof,
    parent: ZERO_HASH,
    lastCommit: ZERO_HASH,
    transactions: ZERO_HASH,
    results: ZERO_HASH,
    events: ZERO_HASH,
    models: [],
    state: digestOf(`state ${height}`),
    committee: committeeHash(committee),
    nextCommittee: committeeHash(nextCommittee),
    ...change,
  }
  const valueId = blockHash(header)
  const votes = signers.map(keys => signedPrecommit(header.chainId, keys, height, valueId))
  return { header, commit: makeCommit(height, 0, valueId, votes), committee, nextCommittee }
}

/** Trust in a first line of no content, whose next block this committee decides. */
export function firstTrust(nextCommittee: Committee): Trusted {
  const hash = digestOf('genesis')
  return { chainId: CHAIN_ID, header: null, height: 0, time: START, hash, nextCommittee }
}

/** Blocks 1, 2, … of a chain whose block i is decided by committee i - 1 of the list; one block less than committees. */
export function chainOf(committees: readonly Committee[], hash: Hash = digestOf('genesis')): LightBlock[] {
  let parent = hash
  return committees.slice(1).map((next, i) => {
    const block = lightBlock({ height: i + 1, parent }, committees[i]!, next)
    parent = block.commit.valueId
    return block
  })
}

export const nowAt = (height: number): number => START + height * STEP_MS + 1_000
