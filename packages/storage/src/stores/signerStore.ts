import { bytes, decode, encode, type Infer, nullable, oneOf, signature, struct, uint } from '@hydraai/core'
import type { KeyValueStore } from '../ports.ts'

/**
 * The last thing a validator signed. `signBytes` are the bytes under the signature, so that the same message may be
 * signed again after a restart and no other one at that height, round and step. `signature` is null while the
 * intention is stored and the signature not yet made.
 */
export const signerRecordCodec = struct({
  height: uint,
  round: uint,
  step: oneOf(['propose', 'prevote', 'precommit']),
  signBytes: bytes({ max: 4096 }),
  signature: nullable(signature),
})
export type SignerRecord = Infer<typeof signerRecordCodec>

/** Keeps the {@link SignerRecord} of one validator. Refusing to go back is the signer's part. */
export class SignerStore {
  readonly #db: KeyValueStore
  readonly #key: string

  /** @param name tells validators apart that share a database */
  constructor(db: KeyValueStore, name = 'own') {
    this.#db = db
    this.#key = `signer/${name}`
  }

  /** The last record; undefined before the first. @throws HydraError STORAGE_CORRUPT or CODEC_INVALID if it is damaged */
  async load(): Promise<SignerRecord | undefined> {
    const stored = await this.#db.get(this.#key)
    return stored === undefined ? undefined : decode(signerRecordCodec, stored)
  }

  /** Durable when it resolves: only then may the signature be released. */
  async save(record: SignerRecord): Promise<void> {
    await this.#db.batch([{ type: 'put', key: this.#key, value: encode(signerRecordCodec, record) }], { sync: true })
  }
}
