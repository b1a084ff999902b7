import { hashOf, type Signature, utf8 } from '@hydraai/core'
import type { StoredBlock } from '../stores/blockStore.ts'
import type { SignerRecord } from '../stores/signerStore.ts'

/** A block of about 3 KB whose every part is a function of its height. */
export function blockOf(height: number): StoredBlock {
  return {
    height,
    hash: hashOf(utf8(`block ${height}`)),
    block: new Uint8Array(2000 + (height % 7)).map((_, index) => (index * 31 + height * 17) % 256),
    commit: utf8(`commit ${height}`),
    events: utf8(`events ${height}`),
    state: new Uint8Array(1000).fill(height % 256),
    index: [[`tx/${String(height).padStart(8, '0')}`, utf8(`index ${height}`)]],
  }
}

export function signerRecordOf(height: number): SignerRecord {
  const signature = hashOf(utf8(`${height}`)).repeat(2) as Signature
  return { height, round: 0, step: 'precommit', signBytes: utf8(`vote ${height}`), signature }
}
