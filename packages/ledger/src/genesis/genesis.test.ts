import { decode, encode, MICRO } from '@hydraai/core'
import { describe, expect, it } from 'vitest'
import { genesisOf, person, TEST_PARAMETERS } from '../../test/world.ts'
import { committeeOf } from '../committee/committee.ts'
import { supplyOf } from '../economics/supply.ts'
import { type Genesis, genesisCodec, genesisHash } from './genesis.ts'
import { genesisOfJson, genesisToJson } from './genesisJson.ts'
import { genesisState } from './genesisState.ts'

const founders = [person('a'), person('b')]
const genesis = genesisOf(founders)
const invalid = expect.objectContaining({ code: 'GENESIS_INVALID' })

describe('genesis', () => {
  it('gives founders their stake and a vote, opens round 1 of every model, and nothing else', () => {
    const state = genesisState(genesis)
    expect(supplyOf(state)).toEqual({ minted: 2n * MICRO, burnt: 0n, total: 2n * MICRO })
    expect(committeeOf(state).validators.map(validator => validator.power)).toEqual([545, 545])
    expect([...state.rounds.values()]).toMatchObject([{ number: 1, phase: 'work', openedAt: 0, phaseEndsAt: 20 }])
    for (const account of state.accounts.values())
      expect(account).toMatchObject({ balance: 0n, stake: MICRO, registered: true, feeCredit: 100_000n, nonce: 0 })
  })

  it('draws its committee from the founders when there are more of them than seats', () => {
    const many = Array.from({ length: 9 }, (_, i) => person(`founder ${i}`))
    const state = genesisState(genesisOf(many, { parameters: { ...TEST_PARAMETERS, committeeSize: 4 } }))
    expect(state.committee).toHaveLength(4)
    expect(state.founders).toHaveLength(9)
  })

  it('has a hash that any change changes', () => {
    const [model] = genesis.models
    const hashes = [
      genesis,
      { ...genesis, time: 1 },
      { ...genesis, chainId: 'hydra-00000000' },
      { ...genesis, validators: [...genesis.validators].reverse() },
      { ...genesis, parameters: { ...genesis.parameters, activityWindow: 31 } },
      { ...genesis, models: [{ ...model!, recipe: { ...model!.recipe, batchSize: 33 } }] },
    ].map(genesisHash)
    expect(new Set(hashes).size).toBe(hashes.length)
    // Pinned: if this changes, every existing chain gets another name and no node finds its peers.
    expect(genesisHash(genesis)).toMatchInlineSnapshot(
      `"640ca1b642b60c0b79e44042dc95a3dcf7885b0fe84cd718b52cc0944ea84e58"`,
    )
  })

  it.each<[string, Partial<Genesis>]>([
    ['a chain id of another form', { chainId: 'hydra-XYZ' }],
    ['no validators', { validators: [] }],
    ['a validator twice', { validators: [genesis.validators[0]!, genesis.validators[0]!] }],
    ['too little stake', { validators: [{ ...genesis.validators[0]!, stake: MICRO - 1n }] }],
    ['too much stake', { validators: [{ ...genesis.validators[0]!, stake: 10n ** 18n + 1n }] }],
    ['a name that is none', { validators: [{ ...genesis.validators[0]!, name: '<b>' }] }],
    ['a model twice', { models: [genesis.models[0]!, genesis.models[0]!] }],
    ['a model id that is none', { models: [{ ...genesis.models[0]!, id: 'A b' }] }],
    [
      'an impossible evaluation',
      { models: [{ ...genesis.models[0]!, evaluation: { correct: 2, total: 1, lossBits: 0 } }] },
    ],
    [
      'more burnt of an answer than it costs',
      { parameters: { ...TEST_PARAMETERS, fees: { ...TEST_PARAMETERS.fees, queryBurnt: 500_001n } } },
    ],
    ['a cap below the minimum', { parameters: { ...TEST_PARAMETERS, verifierStakeCap: 1n } }],
    ['a cap that power cannot hold', { parameters: { ...TEST_PARAMETERS, verifierStakeCap: 10n ** 17n } }],
    ['stake released before evidence expires', { parameters: { ...TEST_PARAMETERS, unbondingBlocks: 51_899 } }],
    [
      'claims that nobody could open for a trainer that vanished',
      { parameters: { ...TEST_PARAMETERS, phases: { ...TEST_PARAMETERS.phases, disclose: 1 } } },
    ],
    ['stakers gone within an epoch', { parameters: { ...TEST_PARAMETERS, dormantBlocks: 60 } }],
    ['a stake that gives no power', { parameters: { ...TEST_PARAMETERS, minimumStake: 999n } }],
    ['a reward beyond bounds', { parameters: { ...TEST_PARAMETERS, feeCredit: 10n ** 19n / 2n } }],
  ])('with %s is refused', (_name, change) => {
    expect(() => genesisState({ ...genesis, ...change })).toThrow(invalid)
  })

  it('survives the wire', () => {
    expect(decode(genesisCodec, encode(genesisCodec, genesis))).toEqual(genesis)
  })
})

describe('the genesis file', () => {
  const text = genesisToJson(genesis)

  it('is readable, reads back the same, and has the same hash', () => {
    expect(text).toContain('"stake": "1"')
    expect(text).toContain('"precommit": "0.05"')
    expect(genesisOfJson(text)).toEqual(genesis)
    expect(genesisHash(genesisOfJson(text))).toBe(genesisHash(genesis))
    expect(genesisToJson(genesisOfJson(text))).toBe(text)
  })

  it('with any field missing, unknown, or of another kind is refused', () => {
    let tried = 0
    for (const broken of mutilations(JSON.parse(text))) {
      expect(() => genesisOfJson(JSON.stringify(broken)), JSON.stringify(broken)).toThrow(invalid)
      tried++
    }
    expect(tried).toBeGreaterThan(200)
  })

  it('that is no JSON, not an object, or too long is refused', () => {
    for (const bad of ['', '{', 'null', '[]', '"x"', '1', ' '.repeat(300_000)])
      expect(() => genesisOfJson(bad)).toThrow(invalid)
    expect(() => genesisOfJson(text.replace('{', '{"__proto__": {"x": 1},'))).toThrow(invalid)
  })
})

function* mutilations(value: object): Generator<unknown> {
  if (!Array.isArray(value)) yield { ...value, unknown: 1 }
  for (const [name, inner] of Object.entries(value)) {
    const others = Object.entries(value).filter(([other]) => other !== name)
    if (!Array.isArray(value)) yield Object.fromEntries(others)
    const put = (wrong: unknown) =>
      Array.isArray(value) ? value.with(Number(name), wrong) : { ...value, [name]: wrong }
    for (const wrong of [...(inner === null ? [] : [null]), true, -1, 0.5, 'nonsense!', '1 e3', [1], {}])
      yield put(wrong)
    if (typeof inner === 'string') yield put(Number.parseFloat(inner) || 1)
    if (typeof inner === 'number') yield put(String(inner))
    if (typeof inner === 'object' && inner !== null) for (const broken of mutilations(inner)) yield put(broken)
  }
}
