import { execute, type Finding } from './execute.ts'
import type { Target } from './target.ts'

const MAX_TRIES = 3_000

/** The finding with as much of its input cut away, and then zeroed, as leaves the same fault. */
export async function minimise(target: Target, finding: Finding): Promise<Finding> {
  let best = finding
  let tries = 0
  const better = async (input: Uint8Array): Promise<boolean> => {
    if (++tries > MAX_TRIES) return false
    const outcome = await execute(target, input)
    if (!('finding' in outcome) || outcome.finding.signature !== finding.signature) return false
    best = outcome.finding
    return true
  }
  for (let size = finding.input.length >> 1; size >= 1 && tries < MAX_TRIES; size = size > 1 ? size >> 1 : 0) {
    for (let at = 0; at < best.input.length && tries < MAX_TRIES; ) {
      const { input } = best
      if (!(await better(Buffer.concat([input.subarray(0, at), input.subarray(at + size)])))) at += size
    }
  }
  for (let at = 0; at < best.input.length && tries < MAX_TRIES; at++) {
    if (best.input[at] !== 0) await better(best.input.map((byte, i) => (i === at ? 0 : byte)))
  }
  return best
}
