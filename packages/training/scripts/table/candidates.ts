/** What `--tune` tries for each row; with four trainers, whose settings eight use too. */
import { LOCAL_STEPS, type Outer, type Setting, SPARSE, settingOf } from './rows.ts'
import type { Inner, Method } from './run.ts'
import type { TaskName } from './tasks.ts'

const RATES: Readonly<Record<TaskName, readonly number[]>> = {
  'mnist-cnn': [0.002, 0.004, 0.008],
  gpt: [0.004, 0.008, 0.016],
  'gpt-further': [0.000_25, 0.0005, 0.001, 0.002, 0.004],
}
const OUTER: readonly Outer[] = [
  { rate: 1, momentum: 0 },
  { rate: 0.9, momentum: 0.5 },
  { rate: 0.7, momentum: 0.8 },
]
/** Short units keep their rate; long ones have room to let it rise or fall. One machine tries what each of them may. */
const LONG = 100
const STEADY = { warmUp: 0, floor: 1 }
const RISING = { warmUp: 0.3, floor: 1 }
const FALLING = { warmUp: 0, floor: 0.1 }

export function candidates(task: TaskName): Method[] {
  const rates = RATES[task]
  const of = (...shapes: readonly Omit<Inner, 'rate'>[]): Inner[] => {
    return rates.flatMap(rate => shapes.map(shape => ({ rate, ...shape })))
  }
  const forUnits = (local: number): Inner[] => (local < LONG ? of(STEADY) : of(STEADY, RISING, FALLING))
  return [
    ...of(STEADY, FALLING).map((inner): Method => ({ type: 'every-step', inner })),
    ...LOCAL_STEPS.flatMap(local => forUnits(local).map((inner): Method => ({ type: 'local', local, inner }))),
    ...[{ type: 'int8' } as const, SPARSE].flatMap(compression =>
      LOCAL_STEPS.flatMap(local =>
        forUnits(local).flatMap(inner =>
          OUTER.map((outer): Method => ({ type: 'network', local, trainers: 4, compression, inner, outer })),
        ),
      ),
    ),
  ]
}

/** The best of `tried` for each setting, by its loss. */
export function bestOf(tried: readonly { readonly method: Method; readonly loss: number }[]): Record<string, Setting> {
  const best = new Map<string, { readonly loss: number; readonly setting: Setting }>()
  for (const { method, loss } of tried) {
    const name = settingOf(method)
    const { inner } = method
    const setting = method.type === 'network' ? { inner, outer: method.outer } : { inner }
    if (!(loss >= (best.get(name)?.loss ?? Number.POSITIVE_INFINITY))) best.set(name, { loss, setting })
  }
  return Object.fromEntries([...best].map(([name, { setting }]) => [name, setting]))
}
