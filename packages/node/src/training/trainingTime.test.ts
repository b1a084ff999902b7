import { expect, test } from 'vitest'
import { TrainingTime } from './trainingTime.ts'

test('the share of time training leaves out what a paused or late node does not do', () => {
  const time = new TrainingTime()
  time.enter('off', 1_000)
  time.enter('idle', 5_000)
  time.enter('training', 6_000)
  expect(time.until(7_000)).toEqual({ trainingMs: 1_000, idleMs: 1_000 })
  time.enter('training', 8_000)
  time.enter('off', 9_000)
  expect(time.until(50_000)).toEqual({ trainingMs: 3_000, idleMs: 1_000 })
})

test('a clock that was set back takes nothing away', () => {
  const time = new TrainingTime()
  time.enter('training', 5_000)
  expect(time.until(4_000)).toEqual({ trainingMs: 0, idleMs: 0 })
  expect(time.until(4_500)).toEqual({ trainingMs: 500, idleMs: 0 })
})
