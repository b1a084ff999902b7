import { type Commit, makeCommit, type SignedVote, voteSignBytes } from '@hydraai/consensus'
import {
  type Address,
  commitmentOf,
  float32Bits,
  type Hash,
  type KeyPair,
  keyPairFromSeed,
  replayKeyHashOf,
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
  type ModelUpdate,
  type Publish,
  proposableUpdates,
  type Query,
  type Receipt,
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

export const TEST_PARAMETERS: ChainParameters = { ...DEFAULT_PARAMETERS, registrationDifficulty: 4 }

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

  get round() {
    return this.state.rounds.get(MODEL)!
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
  offer(transactions: SignedTransaction[], modelUpdates: ModelUpdate[] = []) {
    const members = committeeOf(this.state).validators
    return this.offerBy(members[this.state.height % members.length]!.address, transactions, modelUpdates)
  }

  offerBy(proposer: Address, transactions: SignedTransaction[] = [], modelUpdates: ModelUpdate[] = []) {
    const time = this.state.time + 10_000
    const beaconProof = this.beaconProof(proposer)
    const parts = { proposer, beaconProof, time, transactions, modelUpdates, lastCommit: this.commit }
    const built = buildBlock(this.state, parts)
    const applied = applyBlock(this.state, built.block)
    this.commit = this.commitOn(this.state, built.block)
    this.state = applied.state
    this.blocks.push(built.block)
    for (const event of applied.events) this.events.push(event)
    return { ...built, state: applied.state, events: applied.events }
  }

  /** As `offer`, but everything must apply: throws why the first did not, and the world is as it was. */
  next(transactions: SignedTransaction[] = [], modelUpdates: ModelUpdate[] = []) {
    const before = { state: this.state, commit: this.commit, events: this.events.length }
    const result = this.offer(transactions, modelUpdates)
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

  /** Empty blocks until the model's round is in that phase. */
  until(phase: string, limit = 40): void {
    for (let i = 0; this.round.phase !== phase; i++) {
      if (i === limit) throw new Error(`no phase ${phase} after ${limit} blocks`)
      this.next()
    }
  }

  register(keys: KeyPair, name = 'newcomer'): SignedTransaction {
    const { chainId, parameters } = this.state
    const search = { chainId, publicKey: keys.publicKey, difficulty: parameters.registrationDifficulty }
    return this.sign(keys, { type: 'register', name, work: findRegistrationWork(search, 0, 100_000)! })
  }

  /** The update hashes that the host of a proposer would compute. */
  modelUpdate(model = MODEL): ModelUpdate {
    const due = proposableUpdates(this.state).find(waiting => waiting.model === model)
    if (due === undefined) throw new Error('no round waits for its model')
    const evaluation = { correct: 500 + due.round, total: 1000, lossBits: float32Bits(1 / (due.round + 1)) }
    const label = model === MODEL ? `${due.round}` : `${model} ${due.round}`
    return {
      model: due.model,
      round: due.round,
      parameters: digestOf(`p${label}`),
      momentum: digestOf(`m${label}`),
      evaluation,
    }
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
  const empty = { transactions: [], modelUpdates: [], lastCommit: null }
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

/** What a trainer knows of a unit it ran. */
export function workOf(trainer: KeyPair, round: number, unit: number, model = MODEL) {
  const label = `${model}/${trainer.address}/${round}/${unit}`
  const payload = digestOf(`payload ${label}`)
  const traceRoot = digestOf(`trace ${label}`)
  const replayKey = digestOf(`key ${label}`)
  const place = { model, round, unit }
  const commit: Action = {
    type: 'commit',
    ...place,
    commitment: commitmentOf({ trainer: trainer.address, payload, traceRoot }),
    lossBefore: float32Bits(2.3),
    lossAfter: float32Bits(2.1),
    replayKeyHash: replayKeyHashOf(replayKey),
  }
  const reveal: Action = { type: 'reveal', ...place, payload, payloadBytes: 1_000, traceRoot }
  const settle: Action = { type: 'settle', ...place, trainer: trainer.address, replayKey }
  return { payload, traceRoot, replayKey, commit, reveal, settle }
}

export function verdictOf(
  verifier: KeyPair,
  trainer: KeyPair,
  { model = MODEL, ...place }: { model?: string; round: number; unit: number },
  valid = true,
  digest?: Hash,
): Action {
  const { replayKey } = workOf(trainer, place.round, place.unit, model)
  const own = verdictDigest({ verifier: verifier.address, replayKey })
  return { type: 'verdict', model, ...place, trainer: trainer.address, valid, digest: digest ?? own }
}
