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
export const SPARSE: Compression = { type: 'sparse', keepPpm: 31_250, decayPpm: 950_000 }

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

/** The rows that share a setting have the same: four and eight trainers do. */
export function settingOf(method: Method): string {
  if (method.type === 'every-step') return method.type
  return `${method.type === 'local' ? method.type : method.compression.type} ${method.local}`
}

export function rowsOf(task: TaskName): Row[] {
  const settings = (JSON.parse(readFileSync(SETTINGS_FILE, 'utf8')) as Settings)[task]
  return templates().map(({ name, method }) => ({ name, method: { ...method, ...settings[settingOf(method)]! } }))
}

const inner: Inner = { rate: 0, warmUp: 0, floor: 1 }
const outer: Outer = { rate: 1, momentum: 0 }

function templates(): Row[] {
  const network = (name: string, compression: Compression): Row[] => {
    return TRAINERS.flatMap(trainers =>
      LOCAL_STEPS.map(local => {
        return { name, method: { type: 'network' as const, local, trainers, compression, inner, outer } }
      }),
    )
  }
  return [
    { name: 'AdamW, every step', method: { type: 'every-step', inner } },
    ...LOCAL_STEPS.map((local): Row => ({ name: 'AdamW, local steps', method: { type: 'local', local, inner } })),
    ...network('DiLoCo, int8', { type: 'int8' }),
    ...network('SparseLoCo', SPARSE),
  ]
}
