import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arena, HONEST_TRAINER, leak, TRAINER } from '../../test/arena.ts'
import { digestOf, MODEL } from '../../test/world.ts'
import { Draft } from '../state/draft.ts'
import type { Dispute, Round, Update } from '../state/types.ts'
import { unbondingKey } from '../state/unbonding.ts'
import { withExposures } from './exposure.ts'
import { smaller } from './money.ts'
import { boundOf, seize } from './slashing.ts'

const HYDRA = 1_000_000n

/** A trainer with so much at stake and so much unbonding. */
function draftOf(stake: bigint, unbonding: readonly bigint[] = []): { draft: Draft; update: Update } {
  const arena = new Arena({
    ...{ steps: 10, every: 5, trainer: HONEST_TRAINER, trainerStake: stake, exposure: 0n, verifiers: [] },
    chance: () => 0,
  })
  const { chainId, parameters, founders, time, beacon, history } = arena.state
  const block = { chainId, parameters, founders, time, beacon, history, height: 1, proposer: null }
  const draft = Draft.over(arena.state, block)
  for (const [i, amount] of unbonding.entries()) {
    const releaseAt = 100 + i
    draft.unbondings.set(unbondingKey({ releaseAt, account: TRAINER }), { account: TRAINER, amount, releaseAt })
    draft.minted += amount
  }
  return { draft, update: arena.update }
}

describe('seize', () => {
  it('takes the stake first, then what unbonds, the last to be free first, and never more than there is', () => {
    const amount = fc.bigInt(0n, 10n * HYDRA)
    fc.assert(
      fc.property(amount, fc.array(fc.bigInt(1n, 5n * HYDRA), { maxLength: 4 }), amount, (stake, unbonding, wanted) => {
        const { draft } = draftOf(stake, unbonding)
        const before = boundOf(draft, TRAINER)
        const taken = seize(draft, TRAINER, wanted)
        expect(taken).toBe(smaller(wanted, before))
        expect(boundOf(draft, TRAINER)).toBe(before - taken)
        if (draft.account(TRAINER).stake > 0n) expect(taken).toBe(wanted)
        draft.burnt += taken
        const { accounts, unbondings, minted, burnt } = draft.tables()
        expect(leak({ accounts, unbondings, minted, burnt } as Parameters<typeof leak>[0])).toBe(0n)
      }),
    )
  })

  it('finds a stake that was taken back before it was called for', () => {
    const { draft } = draftOf(0n, [3n * HYDRA, 4n * HYDRA])
    expect(seize(draft, TRAINER, 5n * HYDRA)).toBe(5n * HYDRA)
    expect([...draft.unbondings.entries()].map(([, { amount }]) => amount)).toEqual([2n * HYDRA])
  })
})

describe('withExposures', () => {
  const roundOf = (model: string, updates: readonly Update[]): Round => ({
    ...{ model, number: 1, openedAt: 0, phase: 'verify', phaseEndsAt: 9, beacon: digestOf('b'), base: digestOf('p') },
    ...{ drawBeacon: null, heldOutLoss: 0, expected: [], updates },
  })
  const unitsOf = (update: Update, count: number): Update[] =>
    Array.from({ length: count }, (_, unit) => ({ ...update, unit, outcome: 'pending' as const }))
  const exposuresOf = (round: Round) => round.updates.map(({ exposure }) => exposure)

  it('shares the stake among all units at once, up to the penalty for each', () => {
    const { draft, update } = draftOf(120n * HYDRA)
    const all = (count: number) => new Set(Array.from({ length: count }, (_, i) => i))
    expect(exposuresOf(withExposures(draft, roundOf(MODEL, unitsOf(update, 2)), all(2)))).toEqual(
      [50n, 50n].map(x => x * HYDRA),
    )
    const six = exposuresOf(withExposures(draft, roundOf(MODEL, unitsOf(update, 6)), all(6)))
    expect(six).toEqual(Array(6).fill(20n * HYDRA))
  })

  it('never puts more at risk than is at stake, though units of the last round and disputes are not decided yet', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 300n * HYDRA), fc.nat(6), fc.nat(3), fc.nat(6), (stake, settling, disputed, now) => {
        const { draft, update } = draftOf(stake)
        const indices = (count: number) => new Set(Array.from({ length: count }, (_, i) => i))
        const before = withExposures(
          draft,
          roundOf(MODEL, unitsOf(update, settling + disputed)),
          indices(settling + disputed),
        )
        const parted = before.updates.map((one, i) => (i < disputed ? { ...one, outcome: 'disputed' as const } : one))
        draft.settling.set('other', { ...before, model: 'other', updates: parted })
        for (const one of parted.slice(0, disputed))
          draft.disputes.set(`${one.unit}`, { update: one } as unknown as Dispute)
        const round = withExposures(draft, roundOf(MODEL, unitsOf(update, now)), indices(now))
        const sum = [...exposuresOf(before), ...exposuresOf(round)].reduce((a, b) => a + b, 0n)
        expect(sum <= stake).toBe(true)
      }),
    )
  })

  it('counts nothing for an update whose payload could not be shown before the draw', () => {
    const { draft, update } = draftOf(120n * HYDRA)
    const round = withExposures(draft, roundOf(MODEL, unitsOf(update, 3)), new Set([1]))
    expect(exposuresOf(round)).toEqual([0n, 50n * HYDRA, 0n])
  })
})
