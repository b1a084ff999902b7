import { expect, test } from 'vitest'
import { Admission } from './admission.ts'
import { DEFAULT_LIMITS } from './limits.ts'

function admission(limits: Partial<typeof DEFAULT_LIMITS>) {
  const clock = { now: 0 }
  const made = new Admission({ ...DEFAULT_LIMITS, ...limits }, () => clock.now)
  /** Enters and leaves at once, as a quick request does. */
  const pass = (peer: string) => {
    const result = made.enter(peer)
    if (result === 'admitted') made.leave(peer)
    return result
  }
  return { clock, made, pass }
}

test('a burst passes, then only as many as the rate allows, for each peer alone', () => {
  const { clock, pass } = admission({ requestBurst: 3, requestsPerSecond: 2 })
  expect([1, 2, 3, 4].map(() => pass('a'))).toEqual(['admitted', 'admitted', 'admitted', 'rateLimited'])
  expect(pass('b')).toBe('admitted')
  clock.now = 500
  expect([1, 2].map(() => pass('a'))).toEqual(['admitted', 'rateLimited'])
  clock.now = 100_000
  expect([1, 2, 3, 4].map(() => pass('a'))).toEqual(['admitted', 'admitted', 'admitted', 'rateLimited'])
})

test('what runs at once is bounded for a peer and for all', () => {
  const { made } = admission({ maxConcurrentPerPeer: 2, maxConcurrent: 3 })
  expect([1, 2, 3].map(() => made.enter('a'))).toEqual(['admitted', 'admitted', 'busy'])
  expect([1, 2].map(() => made.enter('b'))).toEqual(['admitted', 'busy'])
  made.leave('a')
  expect(made.enter('b')).toBe('admitted')
})

test('a clock that goes back takes nothing away and gives nothing', () => {
  const { clock, pass } = admission({ requestBurst: 2, requestsPerSecond: 1 })
  clock.now = 1000
  expect(pass('a')).toBe('admitted')
  clock.now = 0
  expect([1, 2].map(() => pass('a'))).toEqual(['admitted', 'rateLimited'])
})

test('a flood of new peers does not free a peer that is being served', () => {
  const { made, pass } = admission({ maxConcurrentPerPeer: 1 })
  expect(made.enter('busy')).toBe('admitted')
  for (let i = 0; i < 5000; i++) pass(`peer ${i}`)
  expect(made.enter('busy')).toBe('busy')
})
