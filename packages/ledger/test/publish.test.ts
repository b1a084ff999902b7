import { contentIdOf, type KeyPair, ZERO_HASH } from '@hydraai/core'
import { type ModelDocument, modelDocumentToBytes } from '@hydraai/engine'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Action,
  buildBlock,
  checkAction,
  decodeState,
  encodeState,
  MAX_DOCUMENT_BYTES,
  MAX_MODELS,
  openWork,
  resultsDue,
  rewardPpmOf,
  stateRoot,
  unitOperations,
} from '../src/index.ts'
import { Draft } from '../src/state/draft.ts'
import { applyTransaction } from '../src/transactions/apply.ts'
import {
  digestOf,
  genesisOf,
  MODEL,
  PUBLISHED,
  person,
  publishOf,
  TEST_PARAMETERS,
  World,
  withBalance,
  workOf,
} from './world.ts'

const FEE = 1_000_000n
const code = (name: string) => expect.objectContaining({ code: name })

function worldWith(balance: bigint, change: ConstructorParameters<typeof World>[0] = {}): [World, KeyPair] {
  const world = new World(change)
  const [owner] = world.founders as [KeyPair]
  return [withBalance(world, owner, balance), owner]
}

function expectRefused(world: World, keys: KeyPair, action: Action, reason: string): void {
  const before = world.state
  expect(() => world.next([world.sign(keys, action)])).toThrow(code(reason))
  expect(world.state).toBe(before)
}

const documentOf = (change: Partial<ModelDocument>) => modelDocumentToBytes({ ...PUBLISHED, ...change })

describe('publish', () => {
  it('puts the model on the chain without parameters, burns the fee, and opens round 0, which waits for them', () => {
    const [world, owner] = worldWith(FEE)
    const { burnt } = world.state
    const { document, data, recipe, ...action } = publishOf({ tokenizer: digestOf('tokenizer') })
    const { events, block } = world.next([world.sign(owner, { ...action, document, data, recipe })])
    expect(world.state.models.get('mine')).toEqual({
      id: 'mine',
      document: contentIdOf(document),
      data,
      tokenizer: digestOf('tokenizer'),
      parameters: ZERO_HASH,
      momentum: ZERO_HASH,
      parameterCount: 6,
      version: 0,
      recipe,
      evaluation: { correct: 0, total: 0, lossBits: 0 },
      lineage: null,
      owner: owner.address,
      registeredAt: 1,
      rewardPpm: rewardPpmOf(unitOperations(PUBLISHED, recipe)),
    })
    // Two numbers in, two classes out: next to no work, so next to no pay.
    expect(world.state.models.get('mine')!.rewardPpm).toBeLessThan(100)
    expect(world.state.rounds.get('mine')).toMatchObject({
      number: 0,
      phase: 'aggregate',
      openedAt: 1,
      phaseEndsAt: 61,
    })
    expect(block.header.models.map(({ id }) => id)).toEqual(['mine', MODEL])
    expect(world.account(owner)!.balance).toBe(0n)
    expect(world.state.burnt - burnt).toBe(FEE)
    expect(events).toContainEqual(expect.objectContaining({ type: 'fee', account: owner.address, amount: FEE }))
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'publish', account: owner.address, model: 'mine', parameterCount: 6 }),
    )
  })

  it('can be tried before it is signed: the same refusals, and nothing changes', () => {
    const [world, owner] = worldWith(FEE)
    const before = structuredClone(world.state)
    expect(() => checkAction(world.state, owner.publicKey, publishOf())).not.toThrow()
    expect(() => checkAction(world.state, owner.publicKey, publishOf({ model: MODEL }))).toThrow(code('MODEL_EXISTS'))
    expect(() => checkAction(world.state, person('x').publicKey, publishOf())).toThrow(code('NOT_REGISTERED'))
    expect(world.state).toEqual(before)
  })

  it('is refused to whom has not registered or cannot pay; fee credit pays for no model', () => {
    const [world, owner] = worldWith(FEE - 1n)
    expectRefused(world, owner, publishOf(), 'BALANCE_TOO_LOW')
    const stranger = person('stranger')
    withBalance(world, stranger, FEE)
    expectRefused(world, stranger, publishOf(), 'NOT_REGISTERED')
  })

  it('is refused for an id that is taken, in genesis, on the chain or in the same block, and for one that is no id', () => {
    const [world, owner] = worldWith(9n * FEE)
    const [, other] = world.founders as [KeyPair, KeyPair]
    withBalance(world, other, 9n * FEE)
    expectRefused(world, owner, publishOf({ model: MODEL }), 'MODEL_EXISTS')
    for (const model of ['', 'A', '-a', 'a b', 'a/b', 'é'])
      expectRefused(world, owner, publishOf({ model }), 'MODEL_REFUSED')
    const both = [world.sign(owner, publishOf()), world.sign(other, publishOf())]
    expect(() => world.next(both)).toThrow(code('MODEL_EXISTS'))
    world.next([both[0]!])
    expectRefused(world, other, publishOf(), 'MODEL_EXISTS')
  })

  it('is refused for bytes that are no document in its canonical form', () => {
    const [world, owner] = worldWith(FEE)
    const good = modelDocumentToBytes(PUBLISHED)
    for (const document of [
      new Uint8Array(),
      good.subarray(1),
      good.slice(0, -1),
      Uint8Array.of(...good, 0),
      digits(100),
    ])
      expectRefused(world, owner, publishOf({ document }), 'MODEL_REFUSED')
  })

  it('refuses every document with a byte changed, or takes it as the other document that it is', () => {
    const [world, owner] = worldWith(FEE)
    const good = modelDocumentToBytes(PUBLISHED)
    const { chainId, parameters, founders, beacon, proposer, history } = world.state
    const block = { chainId, parameters, founders, beacon, proposer, history, height: 1, time: 1 }
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const document = good.slice()
        document[at]! ^= change
        const draft = Draft.over(world.state, block)
        try {
          applyTransaction(draft, world.sign(owner, publishOf({ document })))
          expect(draft.models.get('mine')!.document).toBe(contentIdOf(document))
        } catch (error) {
          expect(error).toEqual(code('MODEL_REFUSED'))
          expect([draft.models.writes.size, draft.rounds.writes.size, draft.events.length]).toEqual([0, 0, 0])
        }
      }),
      { numRuns: 300 },
    )
  })

  it('is refused for a model, a unit or a transaction that is larger than the chain takes', () => {
    const [world, owner] = worldWith(FEE)
    const { recipe } = publishOf()
    const huge = documentOf({ input: [4097], layers: [{ type: 'dense', units: 4096 }] })
    expectRefused(world, owner, publishOf({ document: huge }), 'MODEL_REFUSED')
    expectRefused(world, owner, publishOf({ recipe: { ...recipe, maxUnitsPerRound: 17 } }), 'MODEL_REFUSED')
    const long = { ...recipe, batchSize: 65_536, stepsPerUnit: 100_000, traceEvery: 2_000 }
    const wide = documentOf({ input: [512], layers: [{ type: 'dense', units: 512 }] })
    expectRefused(world, owner, publishOf({ document: wide, recipe: long }), 'MODEL_REFUSED')
    const document = new Uint8Array(MAX_DOCUMENT_BYTES + 1)
    expect(() => world.sign(owner, publishOf({ document }))).toThrow(code('CODEC_INVALID'))
  })

  it(`is refused once the chain holds ${MAX_MODELS} models, whose headers still fit into the frame of a block`, () => {
    const [first] = genesisOf([]).models
    const models = Array.from({ length: MAX_MODELS - 1 }, (_, i) => ({ ...first!, id: `model-${i}-${'x'.repeat(20)}` }))
    const parameters = { ...TEST_PARAMETERS, maxBlockBytes: 65_536 }
    const [world, owner] = worldWith(9n * FEE, { genesis: { models, parameters } })
    const two = [publishOf({ model: 'one' }), publishOf({ model: 'two' })].map((action, i) =>
      world.sign(owner, action, i),
    )
    expect(() => world.next(two)).toThrow(code('MODELS_FULL'))
    world.next([two[0]!])
    expect(world.state.models.size).toBe(MAX_MODELS)
    expectRefused(world, owner, publishOf({ model: 'two' }), 'MODELS_FULL')
  })
})

describe('the founding of a published model', () => {
  function published(): [World, KeyPair] {
    const [world, owner] = worldWith(3n * FEE)
    world.next([world.sign(owner, publishOf())])
    return [world, owner]
  }

  it('waits like an aggregation without updates; nobody trains meanwhile', () => {
    const [world, owner] = published()
    expect(resultsDue(world.state)).toMatchObject([
      { model: 'mine', round: 0, parameters: ZERO_HASH, momentum: ZERO_HASH, parameterCount: 6, updates: [] },
    ])
    expect(openWork(world.state, owner.address).map(work => work.model)).toEqual([MODEL])
    expect(() => world.next([world.sign(owner, workOf(owner, 0, 0, 'mine').commit)])).toThrow(code('PHASE_WRONG'))
  })

  it('gives the model its parameters and its first evaluation as version 0, and opens round 1', () => {
    const [world, owner] = published()
    const update = world.modelUpdate('mine')
    const { events } = world.next([], [update])
    const { parameters, momentum, evaluation } = update
    expect(world.state.models.get('mine')).toMatchObject({ version: 0, parameters, momentum, evaluation })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'model', model: 'mine', round: 0, version: 0, updates: 0 }),
    )
    expect(world.state.rounds.get('mine')).toMatchObject({ number: 1, phase: 'work', openedAt: 2 })
    expect(world.state.rounds.get('mine')!.expected).toEqual(world.state.founders)
    expect(openWork(world.state, owner.address).map(work => [work.model, work.openedAt])).toEqual([
      ['mine', 2],
      [MODEL, 0],
    ])
    expect(() => world.next([], [update])).not.toThrow()
    expect(world.state.models.get('mine')!.version).toBe(0)
  })

  it('takes no update that makes no sense: none scored, more right than there are, no parameters, another round', () => {
    const [world] = published()
    const good = world.modelUpdate('mine')
    const { evaluation } = good
    for (const bad of [
      { ...good, evaluation: { ...evaluation, correct: 0, total: 0 } },
      { ...good, evaluation: { ...evaluation, correct: 1001 } },
      { ...good, evaluation: { ...evaluation, lossBits: 0x7fc00000 } },
      { ...good, parameters: ZERO_HASH },
      { ...good, momentum: ZERO_HASH },
      { ...good, round: 1 },
    ]) {
      expect(world.next([], [bad]).block.results).toEqual([])
      expect(world.state.models.get('mine')!.parameters).toBe(ZERO_HASH)
    }
    world.next([], [good])
    expect(world.state.models.get('mine')!.parameters).toBe(good.parameters)
  })

  it('drops a model that is not founded in time; its id is free again, its fee is not given back', () => {
    const [world, owner] = published()
    const { phaseEndsAt } = world.state.rounds.get('mine')!
    while (world.state.height < phaseEndsAt - 1) world.next()
    const last = world.state
    const { events } = world.next()
    expect(events).toContainEqual({ type: 'model-dropped', account: owner.address, model: 'mine', round: 0 })
    expect([...world.state.models.keys()]).toEqual([MODEL])
    expect([...world.state.rounds.keys()]).toEqual([MODEL])
    expect(world.blocks.at(-1)!.header.models.map(({ id }) => id)).toEqual([MODEL])
    expect(last.models.has('mine')).toBe(true)
    expect(decodeState(encodeState(world.state))).toEqual(world.state)
    world.next([world.sign(owner, publishOf())])
    expect(world.state.models.get('mine')!.registeredAt).toBe(world.state.height)
    expect(world.state.burnt).toBe(2n * FEE)
  })

  it('is in time in the very last block of its phase', () => {
    const [world] = published()
    const { phaseEndsAt } = world.state.rounds.get('mine')!
    while (world.state.height < phaseEndsAt - 1) world.next()
    world.next([], [world.modelUpdate('mine')])
    expect(world.state.rounds.get('mine')).toMatchObject({ number: 1, phase: 'work' })
  })

  it('does not keep a proposer from a valid block whose update for the last block makes no sense', () => {
    const [world] = published()
    const { phaseEndsAt } = world.state.rounds.get('mine')!
    while (world.state.height < phaseEndsAt - 1) world.next()
    const bad = { ...world.modelUpdate('mine'), parameters: ZERO_HASH }
    expect(world.next([], [bad]).block.results).toEqual([])
    expect(world.state.models.has('mine')).toBe(false)
  })

  it('is under the state root and survives a snapshot', () => {
    const [world] = published()
    const root = stateRoot(world.state)
    const restored = decodeState(encodeState(world.state))
    expect(restored).toEqual(world.state)
    expect(stateRoot(restored)).toBe(root)
    const proposer = world.founders[0]!.address
    const beaconProof = world.beaconProof(proposer)
    const parts = { proposer, beaconProof, time: world.state.time + 1, transactions: [], lastCommit: world.commit }
    const update = world.modelUpdate('mine')
    const { block } = buildBlock(restored, { ...parts, results: [update] })
    expect(buildBlock(world.state, { ...parts, results: [update] }).block).toEqual(block)
  })
})

function digits(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 37) % 251)
}
