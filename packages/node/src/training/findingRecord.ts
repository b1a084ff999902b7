import {
  findingsCodec,
  fromHex,
  type Hash,
  hash,
  type Infer,
  type KeyPair,
  list,
  MAX_SECTIONS,
  nullable,
  signBytes,
  struct,
  taggedHash,
  utf8,
} from '@hydraai/core'
import { type UnitKey, unitKeyOf } from './activity.ts'

/** What a verifier must remember of an update from its digest to its disclosure, through any restart. */
export const findingRecordCodec = struct({
  salt: hash,
  findings: findingsCodec,
  /** Own states at the sections of the segment in which the replay found otherwise; null when there is none, or not yet. */
  hashes: nullable(list(hash, { max: MAX_SECTIONS })),
})
export type FindingRecord = Infer<typeof findingRecordCodec>

/**
 * The salt of this node's verdict on an update: the same at every time, so that there is one digest, and known to nobody
 * without the key, since a VRF proof that was never shown cannot be made by anybody else.
 */
export function saltOf(keys: KeyPair, chainId: string, key: UnitKey): Hash {
  const proof = keys.prove(signBytes(chainId, 'verdict-salt', utf8(unitKeyOf(key))))
  return taggedHash('hydra/verdict-salt/1', fromHex(proof))
}
