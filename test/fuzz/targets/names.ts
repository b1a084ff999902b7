/** Where each target stands: a module of this folder and its targets. Named here so that listing them loads nothing. */
export const GROUPS = {
  core: ['signature', 'vrf-proof', 'merkle-proof', 'content-chunk', 'wallet-file', 'text-values'],
  consensus: [
    'vote',
    'proposal',
    'commit',
    'evidence',
    'consensus-message',
    'block-parts',
    'consensus-log',
    'catch-up',
  ],
  ledger: [
    'transaction',
    'signed-action',
    'ledger-evidence',
    'header',
    'block',
    'forged-block',
    'computed-result',
    'events',
    'snapshot',
    'genesis',
    'genesis-json',
  ],
  sync: ['status', 'blocks-request', 'blocks-response', 'mempool-request', 'transaction-batch', 'mempool'],
  light: ['light-block', 'light-response', 'account-proof', 'event-proof', 'snapshots-response'],
  network: ['frame', 'response-frame', 'multiaddr'],
  asking: ['ask-request', 'ask-frame', 'answer-stream', 'answer-file', 'receipt'],
  models: ['model-document', 'tokenizer', 'dataset', 'safetensors', 'image', 'import-file'],
  training: [
    'recipe',
    'findings',
    'int8-body',
    'sparse-body',
    'payload',
    'training-state',
    'unit-check',
    'disputed-state',
  ],
  files: ['chain-file', 'append-log'],
  api: ['api-request', 'cli-value'],
} as const satisfies Record<string, readonly string[]>

export type Group = keyof typeof GROUPS

export const TARGET_NAMES: readonly string[] = Object.values(GROUPS).flat()

/** The group of a target; `trap` is the fuzzer's own, and not one of all. */
export function groupOf(name: string): Group | 'trap' {
  if (name === 'trap') return 'trap'
  for (const [group, names] of Object.entries(GROUPS))
    if ((names as readonly string[]).includes(name)) return group as Group
  throw new RangeError(`there is no target "${name}"`)
}
