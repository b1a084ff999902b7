import { float32Bits, isFiniteFloat32Bits, keyPairFromSeed, sha256, taggedHash, utf8, verifyVrf } from '@hydraai/core'
import { accountOf, DEFAULT_PARAMETERS, isPlant, type LedgerState, plantAlpha } from '@hydraai/ledger'
import { expect, test } from 'vitest'
import { buildLongChain } from '../testing/longChain.ts'
import type { Offer } from './choice.ts'
import { planterOf } from './plants.ts'

const { state, validators } = buildLongChain({ blocks: 1, transactions: 0, validators: 1 })
const [keys] = validators as [ReturnType<typeof keyPairFromSeed>]
const beacon = taggedHash('test', utf8('a beacon'))
const offer = (unit: number) => ({ model: 'tiny', round: 3, unit, beacon }) as Offer
const LOSSES = [0, 1, 0.0001, 2.3, 1e30].map(float32Bits)

test('a claim is false only where the draw of this key allows it, and by something else than the truth', () => {
  const plant = planterOf(keys)
  const drawn = Array.from({ length: 200 }, (_, unit) => {
    const proof = keys.prove(plantAlpha({ chainId: state.chainId, model: 'tiny', round: 3, unit, beacon }))
    return isPlant(verifyVrf(keys.publicKey, plantAlpha({ chainId: state.chainId, ...offer(unit) }), proof)!)
  })
  expect(drawn).toContain(true)
  for (const [unit, isDrawn] of drawn.entries())
    for (const loss of isDrawn ? LOSSES : LOSSES.slice(0, 1)) {
      const planted = plant(state, offer(unit), loss)
      expect(planted !== null).toBe(isDrawn)
      if (planted === null) continue
      expect(planted.claimed).not.toBe(loss)
      expect(isFiniteFloat32Bits(planted.claimed)).toBe(true)
    }
})

test('who has no stake plants nothing', () => {
  const stranger = keyPairFromSeed(sha256(utf8('a stranger')))
  expect(accountOf(state, stranger.address).stake).toBe(0n)
  const plant = planterOf(stranger)
  for (let unit = 0; unit < 100; unit++) expect(plant(state as LedgerState, offer(unit), LOSSES[1]!)).toBeNull()
  expect(DEFAULT_PARAMETERS.minimumStake).toBeGreaterThan(0n)
})
