import { expect, it } from 'vitest'
import { HydraError } from './errors.ts'

it('an error carries a code to compare, a sentence, advice, and no field that was not given', () => {
  const cause = new Error('below')
  const full = new HydraError('PORT_TAKEN', 'port 7777 is in use', {
    advice: 'Try 7778.',
    cause,
    details: { port: 7777 },
  })
  expect(full).toMatchObject({
    code: 'PORT_TAKEN',
    message: 'port 7777 is in use',
    advice: 'Try 7778.',
    details: { port: 7777 },
  })
  expect(full.cause).toBe(cause)
  expect(full).toBeInstanceOf(Error)
  expect(full.stack).toMatch(/^HydraError: port 7777/)
  const bare = new HydraError('X', 'y')
  expect(['cause', 'advice', 'details'].filter(name => Object.hasOwn(bare, name))).toEqual([])
})
