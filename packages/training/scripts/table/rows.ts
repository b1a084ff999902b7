/** The rows of the table, and the settings with which each trains. */
import { readFileSync } from 'node:fs'
import type { Compression } from '@hydraai/core'
import type { Inner, Method } from './run.ts'
import type { TaskName } from './tasks.ts'

export const LOCAL_STEPS = [10, 30, 100] as const
export const TRAINERS = [4, 8] as const

export interface Row {
  readonly name: string
  readonly method: Method
}

/** A tile of 4096 keeps 128; of what is left out 95 % comes back, as in the paper. */
export const SPARSE = { type: 'sparse', keepPpm: 31_250, decayPpm: 950_000 } as const satisfies Compression
/** Four times as many, for few rounds: of what is never sent nothing is learnt. */
const DENSER: Compression = { ...SPARSE, keepPpm: 125_000 }

export type Outer = { readonly rate: number; readonly momentum: number }

/** What is chosen for a row: the best that `--tune` found. */
export interface Setting {
  readonly inner: Inner
  /** Of rows that aggregate. */
  readonly outer?: Outer
}

/** By task and {@link settingOf}. `--tune` writes it. */
export type Settings = Readonly<Record<TaskName, Readonly<Record<string, Setting>>>>

export const SETTINGS_FILE = new URL('settings.json', import.meta.url)

/** The rows that share a setting have the same: four and eight trainers do, and both densities. */
export function settingOf(method: Method): string {
  if (method.type === 'every-step') return method.inner.floor === 1 ? `${method.type}, steady` : method.type
  return `${method.type === 'local' ? method.type : method.compression.type} ${method.local}`
}

export function rowsOf(task: TaskName): Row[] {
  const settings = (JSON.parse(readFileSync(SETTINGS_FILE, 'utf8')) as Settings)[task]
  return templates().map(({ name, method }) => ({ name, method: { ...method, ...settings[settingOf(method)]! } }))
}

const inner: Inner = { rate: 0, warmUp: 0, floor: 1 }
const outer: Outer = { rate: 1, momentum: 0 }

function templates(): Row[] {
  const network = (name: string, compression: Compression, locals: readonly number[] = LOCAL_STEPS): Row[] => {
    return TRAINERS.flatMap(trainers =>
      locals.map(local => {
        return { name, method: { type: 'network' as const, local, trainers, compression, inner, outer } }
      }),
    )
  }
  return [
    { name: 'AdamW, rate falls', method: { type: 'every-step', inner: { ...inner, floor: 0.1 } } },
    { name: 'AdamW, rate steady', method: { type: 'every-step', inner } },
    ...LOCAL_STEPS.map((local): Row => ({ name: 'AdamW, local steps', method: { type: 'local', local, inner } })),
    ...network('DiLoCo, int8', { type: 'int8' }),
    ...network('SparseLoCo', SPARSE),
    ...network('SparseLoCo, denser', DENSER, [100]),
  ]
}
