import type { Target } from '../engine/target.ts'
import { type Group, groupOf } from './names.ts'

type Module = { targets(): readonly Target[] | Promise<readonly Target[]> }

/** Loaded one at a time: a campaign counts only the branches of what its target needs. */
const MODULES: Record<Group | 'trap', () => Promise<Module>> = {
  core: () => import('./core.ts'),
  consensus: () => import('./consensus.ts'),
  ledger: () => import('./ledger.ts'),
  sync: () => import('./sync.ts'),
  light: () => import('./light.ts'),
  network: () => import('./network.ts'),
  asking: () => import('./asking.ts'),
  models: () => import('./models.ts'),
  training: () => import('./training.ts'),
  files: () => import('./files.ts'),
  api: () => import('./api.ts'),
  trap: () => import('./trap.ts'),
}

const made = new Map<string, Promise<readonly Target[]>>()

/** Made once: their samples take a while. */
export function targetsOf(group: Group | 'trap'): Promise<readonly Target[]> {
  let targets = made.get(group)
  if (targets === undefined) {
    targets = MODULES[group]().then(module => module.targets())
    made.set(group, targets)
  }
  return targets
}

export async function targetNamed(name: string): Promise<Target> {
  const target = (await targetsOf(groupOf(name))).find(one => one.name === name)
  if (target === undefined) throw new RangeError(`the module of "${name}" does not have it`)
  return target
}
