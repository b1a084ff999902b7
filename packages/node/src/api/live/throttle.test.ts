import { expect, it } from 'vitest'
import { eventually } from '../testing/world.ts'
import { Throttle } from './throttle.ts'

it('runs once for many calls, again for a call that came while it ran, and never twice at once', async () => {
  let runs = 0
  let now = 0
  let most = 0
  const throttle = new Throttle(1, async () => {
    most = Math.max(most, ++now)
    runs++
    if (runs === 1) throttle.touch()
    await new Promise(resolve => setTimeout(resolve, 5))
    now--
  })
  for (let i = 0; i < 100; i++) throttle.touch()
  await eventually('both runs', () => runs === 2 && now === 0)
  await new Promise(resolve => setTimeout(resolve, 10))
  expect({ runs, most }).toEqual({ runs: 2, most: 1 })
})

it('does nothing once stopped', async () => {
  let runs = 0
  const throttle = new Throttle(1, async () => {
    runs++
  })
  throttle.touch()
  throttle.stop()
  throttle.touch()
  await new Promise(resolve => setTimeout(resolve, 10))
  expect(runs).toBe(0)
})
