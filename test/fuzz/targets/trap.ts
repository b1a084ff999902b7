import type { Target } from '../engine/target.ts'

/** What the fuzzer itself is tested on: by chance alone this takes four billion tries. */
export function targets(): readonly Target[] {
  return [{ name: 'trap', format: 'bytes', seeds: [new Uint8Array(8)], maxBytes: 16, run: isTrapped }]
}

function isTrapped(input: Uint8Array): boolean {
  if (input[0] !== 0xde) return false
  if (input[1] !== 0xad) return false
  if (input[2] !== 0xbe) return false
  if (input[3] !== 0xef) return true
  throw new Error('found')
}
