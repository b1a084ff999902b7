import { describe, expect, it } from 'vitest'
import { joinEntries, sumRows } from './statement.ts'

describe('a statement', () => {
  it('adds up: what came in less what went out is what is there', () => {
    const totals = {
      genesisStake: '10',
      units: '3',
      verdicts: '0.3',
      replays: '0.25',
      bounties: '25',
      blocks: '1.5',
      precommits: '0.25',
      received: '2',
      sent: '0.5',
      fees: '0.03',
      tips: '0.4',
      slashed: '0',
      opening: '1',
    }
    expect(sumRows(totals).reduce((sum, { micro }) => sum + micro, 0n)).toBe(43_170_000n)
  })

  it('joins new entries to older ones without losing or repeating one', () => {
    const entry = (height: number, text: string) => ({
      height,
      time: null,
      type: 't',
      amount: '1',
      transaction: null,
      text,
    })
    const older = [entry(5, 'e'), entry(5, 'd'), entry(2, 'a')]
    const newest = [entry(7, 'f'), entry(5, 'e'), entry(5, 'd')]
    expect(joinEntries(newest, older).map(({ text }) => text)).toEqual(['f', 'e', 'd', 'a'])
  })
})
