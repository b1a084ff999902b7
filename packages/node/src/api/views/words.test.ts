import { type Address, addressOfBytes, type Hash, taggedHash, utf8 } from '@hydraai/core'
import type { LedgerEvent, Question } from '@hydraai/ledger'
import { describe, expect, it } from 'vitest'
import { entryText, eventText, questionText } from './words.ts'

const who = (at: number): Address => addressOfBytes(new Uint8Array(20).fill(at))
const [trainer, verifier, other] = [who(1), who(2), who(3)] as const
const names = new Map([
  [trainer, 'tina'],
  [verifier, 'vera'],
  [other, 'otto'],
])
const nameOf = (address: Address) => names.get(address) ?? '?'
const hash: Hash = taggedHash('words test', utf8('hash'))
const unit = { model: 'm', round: 3, unit: 1, transaction: hash }
const text = (event: LedgerEvent) => eventText(event, nameOf)

describe('the lines of the ledger', () => {
  it('tell of a bounty what it was for: finding out a cheat, or having been accused falsely', () => {
    const found: LedgerEvent = {
      type: 'bounty',
      account: verifier,
      from: trainer,
      amount: 2_500_000n,
      trainer,
      ...unit,
    }
    expect(text(found)).toBe('vera got 2.5 HYDRA of what tina lost, for finding it out')
    const wronged: LedgerEvent = { ...found, account: trainer, from: verifier }
    expect(text(wronged)).toBe('tina got 2.5 HYDRA of what vera lost for accusing it falsely')
    expect(entryText(wronged, trainer, nameOf)).toMatch(/^Compensation from vera for a false accusation/)
  })

  it('tell who opened claims in the place of their trainer, and that a loss was planted', () => {
    const open: LedgerEvent = {
      ...{ type: 'open', account: trainer, trainer, lossBefore: 0x40000000, lossAfter: 0x3f800000, planted: true },
      ...unit,
    }
    expect(text(open)).toBe(
      'tina opened the claims of unit 1 of tina in round 3 of m: loss 2.0000 → 1.0000; a false loss was planted in its seal',
    )
    expect(text({ ...open, account: verifier, planted: false })).toContain('which tina had not done: loss')
  })

  it('tell of a ruling who was wrong', () => {
    const ruling = { type: 'ruling', trainer, question: 'step', ...unit } as const
    expect(text({ ...ruling, wrong: [verifier, other] })).toMatch(
      /computed the step in dispute .*: vera, otto were wrong$/,
    )
    expect(text({ ...ruling, wrong: [] })).toMatch(/: nobody was wrong$/)
  })
})

it('a question says what is to be answered, and who has to', () => {
  const said = (question: Question) => questionText(question, trainer, nameOf)
  expect(said({ type: 'findings' })).toBe('All validators compute its losses.')
  const stretch = { challenger: verifier, from: 20, to: 40, before: null }
  expect(said({ type: 'pick', ...stretch, hashes: [hash] })).toBe(
    'The trainer tina names the first state of vera that it denies (steps 21 to 40).',
  )
  expect(said({ type: 'narrow', ...stretch, after: hash })).toBe(
    'The challenger vera shows its states where tina denies one (steps 21 to 40).',
  )
})
