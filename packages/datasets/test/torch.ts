import { spawnSync } from 'node:child_process'

/** A Python that has PyTorch, or why there is none. */
export function findTorch(): { python: string } | { reason: string } {
  const reasons = ['python3', '/usr/bin/python3'].map(python => {
    const { status, error, stderr } = spawnSync(python, ['-c', 'import torch'], { encoding: 'utf8' })
    if (status === 0) return { python }
    return { reason: error?.message ?? stderr.trim().split('\n').at(-1) ?? 'it cannot import torch' }
  })
  return reasons.find(found => 'python' in found) ?? reasons[0]!
}
