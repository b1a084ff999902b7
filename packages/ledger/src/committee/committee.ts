import { type Committee, committeeHash, makeCommittee, type Validator } from '@hydraai/consensus'
import type { Hash } from '@hydraai/core'
import type { LedgerState } from '../state/types.ts'

interface Known {
  readonly committee: Committee
  hash: Hash | null
}

// Members stay the same for an epoch while every block asks for their committee; checking its keys is not free.
const known = new WeakMap<readonly Validator[], Known>()

function knownOf(members: readonly Validator[]): Known {
  let entry = known.get(members)
  if (entry === undefined) {
    entry = { committee: makeCommittee(members), hash: null }
    known.set(members, entry)
  }
  return entry
}

/** The committee of members that the state lists. @throws HydraError COMMITTEE_INVALID */
export function committeeOfMembers(members: readonly Validator[]): Committee {
  return knownOf(members).committee
}

/** What headers say of these members. */
export function hashOfMembers(members: readonly Validator[]): Hash {
  const entry = knownOf(members)
  entry.hash ??= committeeHash(entry.committee)
  return entry.hash
}

/** Who decides the block after this state. */
export function committeeOf(state: Pick<LedgerState, 'committee'>): Committee {
  return committeeOfMembers(state.committee)
}
