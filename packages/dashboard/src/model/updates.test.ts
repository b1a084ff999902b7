import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { UpdatePage, UpdateRow } from '../api/shapes.ts'
import { auditWords, mergeUpdates, standingOf, updateKey, verdictGroups } from './updates.ts'

const update = (over: Partial<UpdateRow> = {}): UpdateRow => ({
  model: 'm',
  round: 1,
  trainer: '0xa',
  trainerName: 'alice',
  reputation: 3,
  unit: 0,
  label: 'Batch #1',
  phase: null,
  outcome: 'accepted',
  revealed: true,
  sealed: false,
  lossBefore: 2,
  lossAfter: 1,
  planted: false,
  bytes: 10,
  bitsPerParameter: 0.3,
  audit: null,
  verdicts: [],
  reward: '1',
  slashed: '0',
  transaction: 'ab',
  height: 5,
  time: 6,
  ...over,
})
const verdict = (verifierName: string, judgement: UpdateRow['verdicts'][number]['judgement'], segments = 0) => ({
  verifier: `0x${verifierName}`,
  verifierName,
  judgement,
  segments,
})

describe('pages of updates', () => {
  const newestFirst = (rounds: number): UpdateRow[] =>
    Array.from({ length: rounds }, (_, at) =>
      ['0xc', '0xb', '0xa'].flatMap(trainer => [1, 0].map(unit => update({ round: rounds - at, trainer, unit }))),
    ).flat()
  const keys = ({ updates }: UpdatePage) => updates.map(updateKey)

  it('put together are the whole list, without one twice, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }), sizes => {
        const all = newestFirst(6)
        let held: UpdatePage | undefined
        let at = 0
        for (const size of sizes) {
          const page = { updates: all.slice(at, at + size), before: at + size < all.length ? `${at + size}` : null }
          held = mergeUpdates(held, page, at > 0)
          at = Math.min(all.length, at + size)
          if (page.before === null) break
        }
        expect(keys(held!)).toEqual(all.slice(0, at).map(updateKey))
        expect(held!.before).toBe(at < all.length ? `${at}` : null)
      }),
    )
  })

  it('keep older ones when the newest are asked for again, and take what is new of those', () => {
    const all = newestFirst(3)
    const held = mergeUpdates({ updates: all.slice(2, 8), before: 'x' }, { updates: all.slice(8), before: null }, true)
    const fresh = { updates: all.slice(0, 4).map(one => ({ ...one, label: 'new' })), before: 'y' }
    const merged = mergeUpdates(held, fresh, false)
    expect(keys(merged)).toEqual(all.map(updateKey))
    expect(merged.updates.filter(({ label }) => label === 'new')).toHaveLength(4)
    expect(merged.before).toBeNull()
  })

  it('are not joined over a gap, which would look like the whole', () => {
    const all = newestFirst(4)
    const fresh = { updates: all.slice(0, 3), before: 'x' }
    expect(mergeUpdates({ updates: all.slice(9), before: null }, fresh, false)).toBe(fresh)
  })
})

describe('an update', () => {
  it('stands where its outcome says, and before that where its round is', () => {
    const word = (over: Partial<UpdateRow>) => standingOf(update(over)).word
    expect(word({ outcome: 'disputed', phase: 'verify' })).toBe('disputed')
    expect(word({ outcome: 'pending', phase: 'work', revealed: false })).toBe('committed')
    expect(word({ outcome: 'pending', phase: 'verify', revealed: true })).toBe('being checked')
    expect(word({ outcome: 'pending', phase: 'verify', revealed: false })).toBe('not revealed')
    expect(word({ outcome: 'pending', phase: 'disclose', revealed: true })).toBe('being opened')
  })

  it('tells how it was audited and by whom, and that a light check is no audit', () => {
    const verdicts = [verdict('bob', 'stood', 3), verdict('carol', 'stood')]
    expect(auditWords(update({ verdicts }))).toBe('light')
    expect(auditWords(update({ verdicts, audit: { auditors: 1, segments: 3, of: 10 } }))).toBe(
      'replayed 3 of 10 segments by bob',
    )
    expect(auditWords(update({ verdicts, audit: { auditors: 1, segments: 10, of: 10 } }))).toBe(
      'replayed all 10 segments by bob',
    )
    expect(auditWords(update({ outcome: 'pending', phase: 'work' }))).toBe('not drawn yet')
    expect(auditWords(update({ outcome: 'expired' }))).toBe('none')
  })

  it('tells who agrees: a verdict that stood on a refuted update is one against it', () => {
    const verdicts = [
      verdict('bob', 'stood'),
      verdict('carol', 'wrong'),
      verdict('dave', 'stood'),
      verdict('e', 'silent'),
    ]
    const said = (outcome: UpdateRow['outcome']) =>
      verdictGroups(update({ outcome, verdicts })).map(({ word, names }) => `${names.join(' ')}: ${word}`)
    expect(said('accepted')).toEqual(['bob dave: agree', 'carol: disagrees, wrongly', 'e: silent'])
    expect(said('refuted')).toEqual(['bob dave: disagree', 'carol: agrees, wrongly', 'e: silent'])
  })
})
