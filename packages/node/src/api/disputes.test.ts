import { parseAmount } from '@hydraai/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { HydraNode, NodeOptions } from '../node.ts'
import * as shapes from './http/schemas.ts'
import { eventually, type Served, TestNetwork } from './testing/world.ts'

/** Four validators of which the last one tells everybody a wrong loss of every update that it checks. */
const network = new TestNetwork({ validators: 4 })
let honest: HydraNode
let liar: HydraNode
let api: Served

beforeAll(async () => {
  const tamper: NodeOptions['tamper'] = {
    verdict: findings => ({ ...findings, lossAfter: findings.lossAfter + 1 }),
  }
  const [first, , , last] = await Promise.all([
    network.node(0),
    network.node(1),
    network.node(2),
    network.node(3, { options: { tamper } }),
  ])
  honest = first
  liar = last
  api = await network.serve(honest)
})
afterAll(() => network.close())

describe('a verdict that contradicts the others', () => {
  it('is a dispute that one can follow, and costs whoever lied', async () => {
    const dispute = await eventually(
      'the end of a dispute',
      async () => {
        // The first of them: for later ones the liar has nothing left to lose.
        const oldest = shapes.disputes.parse((await api.get('/api/disputes')).json).disputes.at(-1)
        return oldest && !oldest.open && oldest.outcome !== 'disputed' ? oldest : undefined
      },
      40_000,
    )
    expect(dispute).toMatchObject({ model: 'tiny', outcome: 'accepted', question: null, until: null })
    const { round, trainer, unit } = dispute
    const { json } = await api.get(`/api/models/tiny/updates/${round}/${trainer}/${unit}`)
    const parsed = shapes.update.safeParse(json)
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error))
    const update = parsed.data
    expect(update.dispute).toEqual(dispute)
    expect(update.verdicts.find(({ verifier }) => verifier === liar.address)).toMatchObject({ judgement: 'wrong' })
    expect(update.verdicts.filter(({ judgement }) => judgement === 'stood').length).toBeGreaterThan(0)
    expect(parseAmount(update.reward)).toBeGreaterThan(0n)
    const told = update.course.map(({ type }) => type)
    expect(told).toEqual(
      expect.arrayContaining(['dispute', 'ruling', 'verdict-slash', 'bounty', 'unit-reward', 'update']),
    )
    const lost = update.course.find(({ type }) => type === 'verdict-slash')
    expect(lost?.text).toMatch(
      /^node3 lost 5 HYDRA of stake for a false verdict on unit \d+ of node\d in round \d+ of tiny$/,
    )
    expect(update.course.find(({ type }) => type === 'ruling')?.text).toMatch(
      /computed the losses of unit .*: node3 was wrong$/,
    )
  })

  it('stands in the accounts of all it moved money of, which still add up', async () => {
    for (const { address } of [liar, honest]) {
      const account = shapes.account.parse((await api.get(`/api/accounts/${address}?limit=1000`)).json)
      const { totals } = account
      const inward = [totals.genesisStake, account.earned, totals.received].map(parseAmount)
      const outward = [totals.sent, totals.fees, totals.slashed].map(parseAmount)
      const bound = account.unbonding.reduce((sum, { amount }) => sum + parseAmount(amount), 0n)
      const sum = (amounts: bigint[]) => amounts.reduce((all, one) => all + one, 0n)
      expect(sum(inward) - sum(outward)).toBe(parseAmount(account.balance) + parseAmount(account.stake) + bound)
      if (address === liar.address) expect(parseAmount(totals.slashed)).toBeGreaterThanOrEqual(5_000_000n)
    }
  })

  it('is counted', async () => {
    const { text } = await api.get('/metrics')
    expect(text).toMatch(/^hydra_disputes_total [1-9]/m)
    expect(text).toMatch(/^hydra_bad_verdicts_total\{why="wrong"\} [1-9]/m)
  })
})
