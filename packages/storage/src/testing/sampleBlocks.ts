import { hashOf, type Signature, utf8 } from '@hydraai/core'
import type { StateChange, StoredBlock } from '../stores/blockStore.ts'
import type { SignerRecord } from '../stores/signerStore.ts'

/** A block of about 3 KB whose every part is a function of its height. */
export function blockOf(height: number): StoredBlock {
  return {
    height,
    hash: hashOf(utf8(`block ${height}`)),
    block: new Uint8Array(2000 + (height % 7)).map((_, index) => (index * 31 + height * 17) % 256),
    commit: utf8(`commit ${height}`),
    events: utf8(`events ${height}`),
    index: [[`tx/${String(height).padStart(8, '0')}`, utf8(`index ${height}`)]],
  }
}

/** What the block changes of the state: a new entry each, one that every block writes, and none older than three blocks. */
export function changeOf(height: number): StateChange {
  return {
    put: [
      { key: `account ${height}`, value: new Uint8Array(1000).fill(height % 256) },
      { key: 'head', value: utf8(`head ${height}`) },
    ],
    del: [`account ${height - 3}`],
  }
}

/** The entries after block `height`, when the blocks began with 1. */
export function stateOf(height: number): Map<string, Uint8Array> {
  const entries = new Map<string, Uint8Array>()
  for (let from = Math.max(1, height - 2); from <= height; from++)
    for (const { key, value } of changeOf(from).put) entries.set(key, value)
  return entries
}

export function signerRecordOf(height: number): SignerRecord {
  const signature = hashOf(utf8(`${height}`)).repeat(2) as Signature
  return { height, round: 0, step: 'precommit', signBytes: utf8(`vote ${height}`), signature }
}
