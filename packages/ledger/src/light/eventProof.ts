import { type Codec, encode, type Hash, hash, list, merkleProof, struct, uint, verifyMerkleProof } from '@hydraai/core'
import type { Header, HeaderModel } from '../blocks/header.ts'
import { LedgerError } from '../errors.ts'
import { eventCodec, type LedgerEvent } from '../events.ts'

/** One event of a block, such as a reward, with its way to the root in the header. */
export interface EventProof {
  readonly event: LedgerEvent
  /** Place among the block's events. */
  readonly index: number
  readonly count: number
  /** RFC 6962, from the event's sibling upwards. */
  readonly path: readonly Hash[]
}

const MAX_PATH = 53

export const eventProofCodec: Codec<EventProof> = struct({
  event: eventCodec,
  index: uint,
  count: uint,
  path: list(hash, { max: MAX_PATH }),
})

/** Proof of one of the events of a block, given all of them. @throws RangeError when there is none at `index` */
export function proveEvent(events: readonly LedgerEvent[], index: number): EventProof {
  const path = merkleProof(
    events.map(event => encode(eventCodec, event)),
    index,
  )
  return { event: events[index]!, index, count: events.length, path }
}

/** The event, which happened in that block. `header` must be believed. @throws LedgerError PROOF_INVALID */
export function verifyEvent(header: Header, { event, index, count, path }: EventProof): LedgerEvent {
  const leaf = encode(eventCodec, event)
  if (!verifyMerkleProof({ root: header.events, leaf, index, count, proof: path })) {
    throw new LedgerError('PROOF_INVALID', `the proof does not hold: the event is none of block ${header.height}`)
  }
  return event
}

/** Version and parameters of a model after that block; null: there was no such model. */
export function modelOf(header: Header, id: string): HeaderModel | null {
  return header.models.find(model => model.id === id) ?? null
}
