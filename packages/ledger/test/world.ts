import { type Commit, makeCommit, type SignedVote, voteSignBytes } from '@hydraai/consensus'
import {
  type Address,
  commitmentOf,
  type Findings,
  float32Bits,
  fromHex,
  type Hash,
  type KeyPair,
  keyPairFromSeed,
  merkleProof,
  merkleRoot,
  sealOf,
  segmentKeysRoot,
  taggedHash,
  utf8,
  type VrfProof,
  verdictDigest,
} from '@hydraai/core'
import { type ModelDocument, modelDocumentToBytes } from '@hydraai/engine'
import {
  type Action,
  applyBlock,
  type Block,
  beaconAlpha,
  blockHash,
  buildBlock,
  type ChainParameters,
  type Challenge,
  type ComputedResult,
  committeeOf,
  DEFAULT_PARAMETERS,
  findRegistrationWork,
  type Genesis,
  genesisEvents,
  genesisState,
  type Header,
  historyProof,
  type LedgerEvent,
  type LedgerState,
  type LightClientAttack,
  type Phase,
  type Publish,
  type Query,
  type Receipt,
  resultsDue,
  type SignedTransaction,
  signReceipt,
  signTransaction,
} from '../src/index.ts'
import { emptyAccount } from '../src/state/account.ts'
import { withWrites } from '../src/state/sortedTable.ts'

/** A key pair that the same label always gives. */
export function person(label: string): KeyPair {
  const seed = new Uint8Array(32)
  seed.set(utf8(label).subarray(0, 32))
  return keyPairFromSeed(seed)
}

/** A hash that the same label always gives. */
export const digestOf = (label: string): Hash => taggedHash('test', utf8(label))

export const MODEL = 'mnist-cnn'

export const TEST_PARAMETERS: ChainParameters = {
  ...DEFAULT_PARAMETERS,
  registrationDifficulty: 4,
  phases: { work: 4, workLimit: 20, reveal: 3, base: 6, verify: 20, disclose: 3, aggregate: 60 },
}

export function genesisOf(founders: readonly KeyPair[], change: Partial<Genesis> = {}): Genesis {
  return {
    format: 'hydra-genesis/1',
    chainId: 'hydra-0badcafe',
    time: 1_700_000_000_000,
    engine: digestOf('engine'),
    parameters: TEST_PARAMETERS,
    validators: founders.map(({ publicKey }, i) => ({ name: `founder${i}`, publicKey, stake: 1_000_000n })),
    models: [
      {
        id: MODEL,
        document: digestOf('document'),
        data: digestOf('data'),
        tokenizer: null,
        parameters: digestOf('parameters'),
        momentum: digestOf('momentum'),
        parameterCount: 10_000,
        version: 0,
        lineage: null,
        recipe: {
          batchSize: 32,
          stepsPerUnit: 20,
          traceEvery: 5,
          probeSamples: 100,
          maxUnitsPerRound: 3,
          inner: {
            learningRatePpm: 1000,
            beta1Ppm: 900_000,
            beta2Ppm: 999_000,
            epsilonPpb: 10,
            weightDecayPpm: 0,
            warmUpSteps: 0,
            floorPpm: 1_000_000,
            clipNormPpm: 0,
          },
          outer: { learningRatePpm: 700_000, momentumPpm: 900_000 },
          compression: { type: 'int8' },
          aggregation: { type: 'clipped-mean' },
        },
        evaluation: { correct: 100, total: 1000, lossBits: float32Bits(2.3) },
      },
    ],
    ...change,
  }
}

/** A chain in memory whose founders agree on everything, and a client for its people. */
export class World {
  state: LedgerState
  commit: Commit | null = null
  readonly genesis: Genesis
  readonly founders: readonly KeyPair[]
  readonly events: LedgerEvent[]
  readonly blocks: Block[] = []
  /** Others than founders who may come to vote. */
  stakers: readonly KeyPair[] = []
  /** The consensus round in which blocks are decided from now on. */
  commitRound = 0
  /** Members of committees whose precommits do not make it into commits. */
  readonly silent = new Set<Address>()

  constructor(options: { founders?: number; genesis?: Partial<Genesis> } = {}) {
    this.founders = Array.from({ length: options.founders ?? 4 }, (_, i) => person(`founder ${i}`))
    this.genesis = genesisOf(this.founders, options.genesis)
    this.state = genesisState(this.genesis)
    this.events = genesisEvents(this.genesis)
  }

  /** The round that is open. */
  get round() {
    return this.state.rounds.get(MODEL)!
  }

  /** The round behind it, while it settles. */
  get settling() {
    return this.state.settling.get(MODEL)
  }

  account(keys: KeyPair) {
    return this.state.accounts.get(keys.address)
  }

  sign(keys: KeyPair, action: Action, ahead = 0, tip = 0n): SignedTransaction {
    const nonce = (this.account(keys)?.nonce ?? 0) + ahead
    return signTransaction(keys, { chainId: this.state.chainId, nonce, tip, action })
  }

  /** What the proposer of the next block proves; one whose key the world has not proves nothing. */
  beaconProof(proposer: Address): VrfProof {
    const keys = this.people.find(one => one.address === proposer) ?? person('nobody')
    return keys.prove(beaconAlpha(this.state))
  }

  /** Everyone whose keys the world has: founders, and who is put there. */
  get people(): readonly KeyPair[] {
    return [...this.founders, ...this.stakers]
  }

  /** The commit of the world's founders on a block that follows `state`. */
  commitOn(state: LedgerState, block: Block): Commit {
    const valueId = blockHash(block.header)
    const members = committeeOf(state).validators.map(validator => validator.address)
    const votes = this.people
      .filter(({ address }) => members.includes(address) && !this.silent.has(address))
      .map(keys => signedPrecommit(this.state.chainId, keys, block.header.height, valueId, this.commitRound))
    return makeCommit(block.header.height, this.commitRound, valueId, votes)
  }

  /** Builds a block out of what applies, applies it once more from its parts, and goes on from there. */
  offer(transactions: SignedTransaction[], results: ComputedResult[] = []) {
    const members = committeeOf(this.state).validators
    return this.offerBy(members[this.state.height % members.length]!.address, transactions, results)
  }

  offerBy(proposer: Address, transactions: SignedTransaction[] = [], results: ComputedResult[] = []) {
    const time = this.state.time + 10_000
    const beaconProof = this.beaconProof(proposer)
    const parts = { proposer, beaconProof, time, transactions, results, lastCommit: this.commit }
    const built = buildBlock(this.state, parts)
    const applied = applyBlock(this.state, built.block)
    this.commit = this.commitOn(this.state, built.block)
    this.state = applied.state
    this.blocks.push(built.block)
    for (const event of applied.events) this.events.push(event)
    return { ...built, state: applied.state, events: applied.events }
  }

  /** As `offer`, but everything must apply: throws why the first did not, and the world is as it was. */
  next(transactions: SignedTransaction[] = [], results: ComputedResult[] = []) {
    const before = { state: this.state, commit: this.commit, events: this.events.length }
    const result = this.offer(transactions, results)
    if (result.refused[0] === undefined) return result
    this.state = before.state
    this.commit = before.commit
    this.events.length = before.events
    this.blocks.pop()
    throw result.refused[0].error
  }

  /** Empty blocks up to that height. */
  upTo(height: number): void {
    while (this.state.height < height) this.next()
  }

  /** Empty blocks until the model's open round is in that phase, or for a phase of settling the one behind it. */
  until(phase: Phase, limit = 40): void {
    for (let i = 0; this.round.phase !== phase && this.settling?.phase !== phase; i++) {
      if (i === limit) throw new Error(`no phase ${phase} after ${limit} blocks`)
      this.next()
    }
  }

  register(keys: KeyPair, name = 'newcomer'): SignedTransaction {
    const { chainId, parameters } = this.state
    const search = { chainId, publicKey: keys.publicKey, difficulty: parameters.registrationDifficulty }
    return this.sign(keys, { type: 'register', name, work: findRegistrationWork(search, 0, 100_000)! })
  }

  /** The results that the host of a proposer would compute, rulings aside; of a base, those of all that was revealed. */
  results(): ComputedResult[] {
    return resultsDue(this.state).flatMap((due): ComputedResult[] => {
      if (due.type === 'ruling') return []
      const { model, round } = due
      const label = model === MODEL ? `${round}` : `${model} ${round}`
      if (due.type === 'base') {
        const included = due.updates.map(({ index }) => index)
        return [{ type: 'base', model, round, included, parameters: digestOf(`b${label}`) }]
      }
      const evaluation = { correct: 500 + round, total: 1000, lossBits: float32Bits(1 / (round + 1)) }
      const hashes = { parameters: digestOf(`p${label}`), momentum: digestOf(`m${label}`) }
      return [{ type: 'model', model, round, ...hashes, evaluation }]
    })
  }

  modelUpdate(model = MODEL): ComputedResult & { type: 'model' } {
    const due = this.results().find(result => result.type === 'model' && result.model === model)
    if (due?.type !== 'model') throw new Error('no round waits for its model')
    return due
  }

  base(model = MODEL): ComputedResult & { type: 'base' } {
    const due = this.results().find(result => result.type === 'base' && result.model === model)
    if (due?.type !== 'base') throw new Error('no round waits for the base of the next one')
    return due
  }
}

export function signedPrecommit(
  chainId: string,
  keys: KeyPair,
  height: number,
  valueId: Hash | null,
  round = 0,
): SignedVote {
  const vote = { type: 'precommit' as const, height, round, valueId, validator: keys.address }
  return { ...vote, signature: keys.sign(voteSignBytes(chainId, vote)) }
}

/** Evidence that these people signed a block 1 of another parent, as it is valid in the next block. */
export function attackBy(world: World, signers: readonly KeyPair[]): LightClientAttack {
  const { chainId, height } = world.state
  const trueHeader = world.blocks[0]?.header ?? buildFirst(world)
  const header: Header = { ...trueHeader, parent: digestOf('elsewhere') }
  const valueId = blockHash(header)
  const votes = signers.map(keys => signedPrecommit(chainId, keys, header.height, valueId))
  const commit = makeCommit(header.height, 0, valueId, votes)
  const hashes = [world.state.genesis, ...world.blocks.map(block => blockHash(block.header))]
  const proof = height === 0 ? [] : historyProof(hashes, header.height)
  return { type: 'light-client-attack', header, commit, trueHeader, proof }
}

function buildFirst(world: World): Header {
  const [proposer] = world.founders
  const beaconProof = world.beaconProof(proposer!.address)
  const empty = { transactions: [], results: [], lastCommit: null }
  return buildBlock(world.state, { proposer: proposer!.address, beaconProof, time: 0, ...empty }).block.header
}

/** The payment for an answer that `server` gave and signed. */
export function queryOf(
  state: LedgerState,
  asker: KeyPair,
  server: KeyPair,
  change: Partial<Omit<Receipt, 'chainId'>> = {},
): Query {
  const { version, parameters } = state.models.get(MODEL)!
  const receipt: Receipt = {
    chainId: state.chainId,
    model: MODEL,
    version,
    parameters,
    asker: asker.address,
    server: server.address,
    request: digestOf('request'),
    answer: digestOf('answer'),
    tokens: 12,
    ...change,
  }
  const { chainId: _chain, asker: _asker, ...fields } = receipt
  return { type: 'query', ...fields, signature: signReceipt(server, receipt) }
}

/** The smallest model there is: 2 numbers in, 2 classes. */
export const PUBLISHED: ModelDocument = {
  format: 'hydra-model/1',
  input: [2],
  layers: [{ type: 'dense', units: 2 }],
  loss: 'softmax-cross-entropy',
}

export function publishOf(change: Partial<Publish> = {}): Publish {
  const { recipe } = genesisOf([]).models[0]!
  return {
    type: 'publish',
    model: 'mine',
    document: modelDocumentToBytes(PUBLISHED),
    data: digestOf('my data'),
    tokenizer: null,
    recipe,
    ...change,
  }
}

/** An account's balance set, as if it had earned it. */
export function withBalance(world: World, keys: KeyPair, balance: bigint): World {
  const { state } = world
  const account = state.accounts.get(keys.address) ?? emptyAccount
  world.state = {
    ...state,
    minted: state.minted + balance - account.balance,
    accounts: withWrites(state.accounts, new Map([[keys.address, { ...account, balance }]])),
  }
  return world
}

/** The model's share of a reward set, as if its units were less work. */
export function withShare(world: World, rewardPpm: number): World {
  const { state } = world
  const model = { ...state.models.get(MODEL)!, rewardPpm }
  world.state = { ...state, models: withWrites(state.models, new Map([[MODEL, model]])) }
  return world
}

/** Segments of a unit of the test's model: 20 steps, a leaf after every 5. */
export const SEGMENTS = 4

/** What a trainer knows of a unit it ran, and what it sends. */
export function workOf(trainer: KeyPair, round: number, unit: number, model = MODEL) {
  const label = `${model}/${trainer.address}/${round}/${unit}`
  const numbered = (what: string) => Array.from({ length: SEGMENTS }, (_, i) => digestOf(`${what} ${i} of ${label}`))
  const [payload, leaves, keys] = [digestOf(`payload ${label}`), numbered('leaf'), numbered('key')]
  const leafBytes = leaves.map(fromHex)
  const traceRoot = merkleRoot(leafBytes)
  const losses = { lossBefore: float32Bits(2.3), lossAfter: float32Bits(2.1) }
  const place = { model, round, unit }
  const commit: Action = {
    type: 'commit',
    ...place,
    commitment: commitmentOf({ trainer: trainer.address, payload, traceRoot, residual: null }),
    seal: sealOf({ ...losses, keysRoot: segmentKeysRoot(keys) }),
  }
  const reveal: Action = { type: 'reveal', ...place, payload, payloadBytes: 1_000, traceRoot, residual: null }
  const open = { type: 'open', ...place, trainer: trainer.address, ...losses, keys, planted: null } satisfies Action
  const pointAt = (i: number) => ({ leaf: leaves[i]!, proof: merkleProof(leafBytes, i) })
  return { payload, leaves, traceRoot, keys, ...losses, commit, reveal, open, pointAt }
}

/** A unit, as a verifier names it. */
export interface UnitPlace {
  readonly model?: string
  readonly round: number
  readonly unit: number
}

/** What an honest verifier finds that replays the first `segments`. */
export function findingsOf(
  trainer: KeyPair,
  { model = MODEL, round, unit }: UnitPlace,
  segments = SEGMENTS,
  change: Partial<Findings> = {},
): Findings {
  const { lossBefore, lossAfter, keys } = workOf(trainer, round, unit, model)
  const fresh = { freshBefore: float32Bits(2.4), freshAfter: float32Bits(2.2) }
  const replay = segments === 0 ? null : { segments, keys: keys.slice(0, segments), mismatch: null }
  return { fault: null, lossBefore, lossAfter, ...fresh, replay, ...change }
}

/** Findings of another state at the end of that segment, and what proves them. */
export function mismatchAt(
  trainer: KeyPair,
  place: UnitPlace,
  segment: number,
): { findings: Findings; challenge: Challenge } {
  const { keys, pointAt } = workOf(trainer, place.round, place.unit, place.model)
  const replay = { segments: SEGMENTS, keys: keys.slice(0, segment), mismatch: { type: 'trace' as const, segment } }
  const before = segment === 0 ? { leaf: null, proof: [] } : pointAt(segment - 1)
  const hashes = Array.from({ length: 5 }, (_, i) => digestOf(`other state ${segment} ${i}`))
  return {
    findings: findingsOf(trainer, place, 0, { replay }),
    challenge: { type: 'trace', segment, before, after: pointAt(segment), hashes },
  }
}

const saltOf = (verifier: KeyPair, trainer: KeyPair, { round, unit }: UnitPlace): Hash =>
  digestOf(`salt ${verifier.address} ${trainer.address} ${round} ${unit}`)

export function verdictOf(
  verifier: KeyPair,
  trainer: KeyPair,
  place: UnitPlace,
  findings = findingsOf(trainer, place),
): Action & { type: 'verdict' } {
  const { model = MODEL, round, unit } = place
  const digest = verdictDigest({ verifier: verifier.address, salt: saltOf(verifier, trainer, place), findings })
  return { type: 'verdict', model, round, unit, trainer: trainer.address, digest }
}

export function discloseOf(
  verifier: KeyPair,
  trainer: KeyPair,
  place: UnitPlace,
  findings = findingsOf(trainer, place),
  challenge: Challenge | null = null,
): Action & { type: 'disclose' } {
  const { model = MODEL, round, unit } = place
  const salt = saltOf(verifier, trainer, place)
  return { type: 'disclose', model, round, unit, trainer: trainer.address, findings, salt, challenge }
}
