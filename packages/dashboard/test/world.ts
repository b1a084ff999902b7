import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type AnswerOptions, answerFile, ids, partsOf, server } from './answers.ts'

/** A made-up network in the shape of the node's API, the same at every run: for tests and for designing, never shipped. */

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
export const addressOf = (name: string): string => `0x${hashOf(`address ${name}`).slice(0, 40)}`

const digitFile = (digit: number): number[] =>
  JSON.parse(readFileSync(new URL(import.meta.resolve(`mnist/src/digits/${digit}.json`)), 'utf8')).data

/** The `nth` real handwritten image of a digit, as base64 of 784 grey bytes. */
function pixelsOf(digit: number, nth: number): string {
  const values = digitFile(digit).slice(nth * 784, (nth + 1) * 784)
  return Buffer.from(values.map(value => Math.round(value * 255))).toString('base64')
}

const names = ['alice', 'bob', 'charlie', 'dora']
const VERSION = 14
export const TOP = 1247

/** What the model says of sample `at` at a version: a few wrong ones, fewer with each version. */
function predictionOf(at: number, version: number): number {
  const label = at % 10
  return (at * 7) % 31 < 18 - version ? (label + 3 + (at % 5)) % 10 || 1 : label
}

export interface Row {
  height: number
  hash: string
  time: number
  proposer: string
  proposerName: string
  transactions: number
  events: {
    type: string
    text: string
    account?: string
    accountName?: string
    amount?: string
    transaction?: string
  }[]
  models: { id: string; version: number; parameters: string }[]
}

interface Asked {
  readonly question: string
  readonly temperature?: number
  readonly maxTokens?: number
}

interface Verdict {
  verifier: string
  verifierName: string
  segments: number
  judgement: string
}

const verdict = (name: string, judgement: string, segments = 0): Verdict => ({
  ...{ verifier: addressOf(name), verifierName: name, segments, judgement },
})

type Update = ReturnType<typeof update>

/** An accepted update, but for what `over` says. */
function update(name: string, round: number, unit: number, over: object) {
  return {
    model: 'mnist-cnn',
    round,
    trainer: addressOf(name),
    trainerName: name,
    reputation: ({ alice: 91, bob: 98, charlie: 87, dora: 31 } as Record<string, number>)[name] ?? 0,
    unit,
    label: `Image batch #${(1_200 + 3 * round + unit).toLocaleString('en')}`,
    phase: null as string | null,
    outcome: 'accepted',
    revealed: true,
    sealed: false,
    lossBefore: 0.231 as number | null,
    lossAfter: (0.188 + unit / 100) as number | null,
    planted: false,
    bytes: 17_216 as number | null,
    bitsPerParameter: 0.327 as number | null,
    audit: null as { auditors: number; segments: number; of: number } | null,
    verdicts: [] as Verdict[],
    reward: '1',
    slashed: '0',
    transaction: hashOf(`commit ${name} ${round} ${unit}`),
    height: null as number | null,
    time: null as number | null,
    ...over,
  }
}

export class World {
  readonly start: number
  height = TOP
  version = VERSION
  step = 18
  paused = false
  synced = true
  balance = '45.5'
  /** The first block that the node still holds. */
  lowest = 1
  pending = '+1.0'
  only: string | null = null
  readonly sent: unknown[] = []
  unbonding: { amount: string; releaseAt: number; releaseTime: number }[] = []
  policy =
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
  /** How the only server behaves. */
  server: 'honest' | 'lying' | 'gone' | 'dying' = 'honest'
  msPerToken = 1
  /** What the server shows as text instead of what it signed. */
  says: string | null = null
  /** Whether the images are coloured flowers instead of digits. */
  flowers = false
  readonly asked: unknown[] = []
  /** Answers whose listener went away before they ended. */
  stopped = 0
  /** Whether the node still holds what answered. */
  holdsContent = true
  /** Height of the block that takes the payments; none while null. */
  paidAt: number | null = null
  private readonly pictures = Array.from({ length: 30 }, (_, at) => pixelsOf(at % 10, Math.floor(at / 10) + 4))

  constructor(start: number) {
    this.start = start
  }

  status() {
    const state = this.paused ? 'paused' : this.synced ? 'training' : 'syncing'
    return {
      node: {
        name: 'alice123',
        address: addressOf('alice'),
        peerId: `12D3KooW${hashOf('alice').slice(0, 44)}`,
        version: '0.1.0',
        engine: hashOf('engine'),
        uptimeMs: 12_345_000,
      },
      chain: {
        id: 'hydra-1a2b3c4d',
        genesis: hashOf('genesis'),
        height: this.height,
        blockHash: hashOf(`block ${this.height}`),
        time: this.timeOf(this.height),
        blockIntervalMs: 10_000,
        synced: this.synced,
        syncTarget: this.synced ? null : this.height + 400,
        lowest: this.lowest,
        epoch: 21,
      },
      state,
      reason: this.paused
        ? 'You paused this node; blocks are still followed.'
        : 'Image batch #1,247 of round 15 is being trained; checks of others’ units come next.',
      paused: this.paused,
      peers: this.peers().peers.length,
      earned: { total: '23.5', lastHour: '1.65' },
      supply: { total: '1371.44', minted: '1372.9', burnt: '1.46' },
      waiting: { transactions: 3, highestTip: '0.02' },
      validators: { total: 4, self: true },
    }
  }

  peers() {
    const peer = (name: string | null, at: number, rest: object) => ({
      peerId: `12D3KooW${hashOf(`peer ${at}`).slice(0, 44)}`,
      name,
      address: `/ip4/127.0.0.1/tcp/777${at}/p2p/12D3KooW${hashOf(`peer ${at}`).slice(0, 44)}`,
      account: name === null ? null : addressOf(name),
      direction: at % 2 ? 'inbound' : 'outbound',
      connectedAt: this.start - at * 1_000_000,
      height: this.height,
      ...rest,
    })
    return {
      peers: [
        peer('bob', 1, { latencyMs: 15.4, reputation: 98, activity: 'training' }),
        peer('charlie', 2, { latencyMs: 23, reputation: 87, activity: 'verifying' }),
        peer('dora-of-the-long-name-hydra-node', 3, { latencyMs: 45, reputation: 31, activity: 'synced' }),
        peer(null, 4, { latencyMs: null, height: null, reputation: null, activity: null }),
      ],
    }
  }

  timeOf(height: number): number {
    return this.start - (TOP - height) * 10_000 - 4_000
  }

  block(height: number): Row {
    const who = names[height % 4] as string
    const event = (type: string, text: string, amount: string, transaction?: string) => ({
      type,
      text,
      account: addressOf(who),
      accountName: who,
      amount,
      ...(transaction === undefined ? {} : { transaction }),
    })
    const events = [
      event('block-reward', `${who} earned 0.5 HYDRA (block)`, '0.5'),
      ...names.map(name => event('precommit-reward', `${name} earned 0.05 HYDRA (vote)`, '0.05')),
    ]
    if (height % 3 === 1)
      events.push(event('unit-reward', `${who} earned 1.0 HYDRA (training)`, '1.0', hashOf(`tx ${height} 0`)))
    if (height % 7 === 2)
      events.push(event('transfer', 'charlie sent 0.5 HYDRA to dora', '0.5', hashOf(`tx ${height} 0`)))
    const version = this.version - Math.floor((TOP - 5 - height) / 18) - 1
    const models = [{ id: 'mnist-cnn', version, parameters: hashOf(`parameters ${version}`) }]
    const transactions = this.transactionsOf(height).length
    return {
      height,
      hash: hashOf(`block ${height}`),
      time: this.timeOf(height),
      proposer: addressOf(who),
      proposerName: who,
      transactions,
      events,
      models,
    }
  }

  committee() {
    const staker = (name: string, stake: string, reputation: number, why: string) => ({
      address: addressOf(name),
      name: name === 'alice' ? 'alice123' : name,
      self: name === 'alice',
      stake,
      reputation,
      restsUntil: 0,
      why,
    })
    const again = 'can be drawn again'
    return {
      height: this.height,
      blockHash: hashOf(`block ${this.height}`),
      epoch: 21,
      epochBlocks: 60,
      nextDraw: 1260,
      nextDrawTime: this.timeOf(1260),
      nextDrawInMs: 130_000,
      size: 64,
      minimumStake: '1',
      unbondingMs: 604_800_000,
      staked: 7,
      totalPower: 10_000,
      members: [
        { ...staker('alice', '1', 91, again), power: 1_820, share: 0.182 },
        { ...staker('bob', '2.5', 98, again), power: 4_410, share: 0.441 },
        { ...staker('charlie', '1', 87, again), power: 1_770, share: 0.177 },
        { ...staker('dora', '0', 31, 'leaves at the next draw'), power: 2_000, share: 0.2 },
      ],
      others: [
        staker('emil', '3', 12, 'missed a turn to propose: only for seats that others leave, until epoch 25'),
        staker('frida', '1.5', 0, 'can be drawn'),
        staker('gustav', '1', 4, 'no sign of life since block #1,002'),
      ],
      othersLeftOut: 0,
      self: {
        member: true,
        why: 'You vote on blocks. In the next draw, at the end of block #1,260: can be drawn again.',
      },
    }
  }

  transactionsOf(height: number) {
    const who = names[height % 4] as string
    const types = height % 3 === 1 ? ['open', 'verdict'] : height % 7 === 2 ? ['transfer'] : []
    return types.map((type, at) => ({
      id: hashOf(`tx ${height} ${at}`),
      sender: addressOf(who),
      senderName: who,
      nonce: height,
      type,
    }))
  }

  blocks(before: number, limit: number) {
    const top = Math.min(this.height, before - 1)
    const count = Math.max(0, Math.min(limit, top - this.lowest + 1))
    return { blocks: Array.from({ length: count }, (_, at) => this.block(top - at)), lowest: this.lowest }
  }

  blockDetail(height: number) {
    const row = this.block(height)
    const header = {
      chainId: 'hydra-1a2b3c4d',
      height,
      parent: hashOf(`block ${height - 1}`),
      state: hashOf(`state ${height}`),
      committee: hashOf('committee'),
    }
    return { ...row, header, commit: { round: 0, precommits: 4 }, transactions: this.transactionsOf(height) }
  }

  askable() {
    return [
      { model: 'hydra-gpt', version: 3, servers: this.server === 'gone' ? 0 : 2, price: '0.5' },
      { model: 'poems', version: 1, servers: 1, price: '0.5' },
    ]
  }

  *answerTo({ question, temperature = 0, maxTokens }: Asked): Generator<object, void> {
    const named = { code: 'NO_SERVER', message: 'Nobody can be asked for hydra-gpt: of 4 peers none serves it.' }
    if (this.server === 'gone') {
      yield { type: 'error', ...named, advice: 'Wait for peers.' }
      return
    }
    const options: AnswerOptions = {
      question,
      temperaturePpm: temperature * 1e6,
      ...(maxTokens === undefined ? {} : { maxTokens }),
      ...(this.server === 'lying' ? { tamper: tokens => tokens.with(3, 77) } : {}),
    }
    const signed = answerFile(options)
    const file = { ...signed, text: this.says ?? signed.text }
    const { seed } = file.request
    const start = { model: 'hydra-gpt', version: 3, server: server.address, serverName: 'bob', seed, cost: '0.5' }
    yield { type: 'start', ...start }
    for (const part of partsOf(file)) {
      yield { type: 'text', ...part, ...(this.says !== null && part.tokens === 1 ? { text: this.says } : {}) }
      if (this.server !== 'dying' || part.tokens < 5) continue
      const message = 'bob fell silent before its answer was whole.'
      yield { type: 'error', code: 'ANSWER_BROKEN', message, advice: 'Nothing was paid. Ask again.' }
      return
    }
    yield { type: 'end', tokens: file.tokens.length, ended: file.ended, answer: file }
    this.balance = '45.0'
    yield { type: 'paid', transaction: hashOf('query'), cost: '0.5' }
  }

  transaction(id: string) {
    if (id === hashOf('query')) {
      const status = this.paidAt === null ? 'pending' : 'committed'
      const action = { type: 'query', model: 'hydra-gpt', version: 3, tokens: 20 }
      return { id, height: this.paidAt, status, sender: addressOf('alice'), nonce: 42, action, events: [] }
    }
    for (let height = this.height; height > this.height - 60; height--) {
      const found = this.transactionsOf(height).find(transaction => transaction.id === id)
      if (found === undefined) continue
      const action =
        found.type === 'transfer'
          ? { type: 'transfer', to: addressOf('dora'), amount: '0.5', memo: 'for the soup' }
          : {
              type: found.type,
              model: 'mnist-cnn',
              round: 14,
              trainer: addressOf('bob'),
              unit: 2,
              digest: hashOf('digest'),
            }
      const events = this.block(height).events.filter(({ transaction }) => transaction === id)
      return { id, height, status: 'committed', sender: found.sender, nonce: found.nonce, action, events }
    }
    return null
  }

  account(address: string) {
    const own = address === addressOf('alice')
    const entry = (height: number, type: string, amount: string, text: string, transaction: string | null) => ({
      height,
      time: this.timeOf(height),
      type,
      amount,
      transaction,
      text,
    })
    return {
      address,
      name: own ? 'alice123' : 'somebody',
      balance: own ? this.balance : '12.25',
      stake: '1.0',
      unbonding: own ? this.unbonding : [],
      restsUntil: 0,
      slashed: false,
      votes: own,
      feeCredit: '0.04',
      nonce: 41,
      reputation: own ? 91 : 87,
      registered: true,
      unitsVerified: 23,
      verdictsGiven: 61,
      earned: own ? '23.5' : '9.0',
      totals: {
        genesisStake: '1.0',
        units: '20.0',
        verdicts: '1.0',
        blocks: '1.5',
        precommits: '1.0',
        received: '22.56',
        sent: '0.5',
        fees: '0.06',
        tips: '0',
        slashed: '0',
        opening: '0',
      },
      since: 0,
      lowest: this.lowest,
      height: this.height,
      complete: true,
      entriesBefore: null,
      entries: [
        entry(1246, 'unit-reward', '1.0', 'Earned for a verified training unit', hashOf('tx 1246 0')),
        entry(1245, 'block-reward', '0.5', 'Earned for proposing block #1,245', null),
        entry(1244, 'precommit-reward', '0.05', 'Earned for a vote in block #1,244', null),
        entry(1240, 'transfer', '-0.5', 'Sent to charlie', hashOf('tx 1240 0')),
      ],
    }
  }

  models() {
    return [this.textRow(), this.modelRow(), this.tableRow()]
  }

  textRow() {
    return {
      id: 'hydra-gpt',
      version: 3,
      round: 4,
      phase: 'work',
      phaseEndsAt: this.height + 12,
      settling: null as { round: number; phase: string; phaseEndsAt: number; updates: number } | null,
      updates: 0,
      parameters: ids.parameters as string,
      parameterCount: 2_104_832,
      evaluation: { accuracy: 0.412, correct: 41_200, total: 100_000, loss: 3.154 },
      kind: 'text',
      tokenizer: ids.tokenizer as string,
      owner: null as string | null,
      registeredAt: 0,
    }
  }

  tableRow() {
    return {
      ...this.modelRow(),
      id: 'house-prices',
      version: 0,
      round: 1,
      phase: 'work',
      settling: null,
      updates: 0,
      parameters: hashOf('table parameters'),
      parameterCount: 1_409,
      evaluation: { accuracy: 0, correct: 0, total: 40, loss: 0.81 },
      kind: 'table',
      owner: addressOf('bob'),
      ownerName: 'bob',
      registeredAt: 1_101,
    }
  }

  modelRow() {
    const accuracy = this.accuracyOf(this.version)
    return {
      kind: 'images',
      tokenizer: null as string | null,
      owner: null as string | null,
      registeredAt: 0,
      id: 'mnist-cnn',
      version: this.version,
      round: this.version + 2,
      phase: 'work',
      phaseEndsAt: this.height + 9,
      settling: { round: this.version + 1, phase: 'verify', phaseEndsAt: this.height + 5, updates: 4 } as {
        round: number
        phase: string
        phaseEndsAt: number
        updates: number
      } | null,
      updates: 2,
      parameters: hashOf(`parameters ${this.version}`),
      parameterCount: 421_642,
      evaluation: { accuracy, correct: Math.round(accuracy * 1000), total: 1000, loss: 0.142 },
    }
  }

  accuracyOf(version: number): number {
    return Math.round((0.975 - 0.86 / (1 + version * 0.9) ** 1.6) * 1000) / 1000
  }

  model(id: string) {
    const rest = { data: hashOf('data'), recipe: {} }
    const point = (version: number, accuracy: number, loss: number) => ({
      version,
      round: version,
      height: version * 18,
      time: this.start - (3 - version) * 180_000,
      accuracy,
      loss,
      updates: 6,
    })
    if (id === 'hydra-gpt') {
      const history = [point(0, 0.02, 7.1), point(1, 0.24, 4.6), point(2, 0.36, 3.5), point(3, 0.412, 3.154)]
      const documentId = ids.document
      return {
        ...this.textRow(),
        ...rest,
        documentId,
        document: { loss: 'masked-softmax-cross-entropy', input: [128] },
        history,
      }
    }
    if (id === 'house-prices')
      return { ...this.tableRow(), ...rest, document: { loss: 'mse', input: [7] }, history: [point(0, 0, 0.81)] }
    return this.imageModel()
  }

  imageModel() {
    return {
      ...this.modelRow(),
      document: { loss: 'softmax-cross-entropy', input: [1, 28, 28] },
      data: hashOf('data'),
      recipe: {},
      history: Array.from({ length: this.version + 1 }, (_, version) => ({
        version,
        round: version,
        height: version * 18,
        time: this.start - (this.version - version) * 180_000,
        accuracy: this.accuracyOf(version),
        loss: 2.3 / (1 + version),
        updates: version === 0 ? 0 : 6,
      })),
    }
  }

  /** Updates of every standing: the round at work, the one being checked, and rounds that are over. */
  allUpdates(): Update[] {
    const now = this.version + 2
    const agree = ['bob', 'charlie', 'dora'].map(name => verdict(name, 'stood'))
    const sealed = ['bob', 'charlie'].map(name => verdict(name, 'sealed', 2))
    const audit = { auditors: 1, segments: 3, of: 10 }
    const open = { sealed: true, lossBefore: null, lossAfter: null, reward: '0', height: null, time: null }
    const over = (round: number) => ({ height: TOP - 20 * (now - round), time: this.timeOf(TOP - 20 * (now - round)) })
    const found = [
      update('bob', now, 0, { ...open, outcome: 'pending', phase: 'work', revealed: false, bytes: null }),
      update('alice', now, 0, { ...open, outcome: 'pending', phase: 'work', revealed: false, bytes: null }),
      update('dora', now - 1, 0, {
        ...{ ...open, outcome: 'pending', phase: 'verify' },
        audit: { auditors: 2, segments: 2, of: 10 },
        verdicts: [...sealed, verdict('alice', 'waiting'), verdict('emil', 'waiting')],
      }),
      update('charlie', now - 1, 0, { ...open, outcome: 'pending', phase: 'verify', verdicts: sealed.slice(0, 1) }),
      update('charlie', now - 2, 1, {
        ...{ ...over(now - 2), outcome: 'refuted', reward: '0', slashed: '50' },
        audit: { auditors: 1, segments: 10, of: 10 },
        verdicts: [
          verdict('alice', 'stood', 10),
          verdict('bob', 'stood'),
          verdict('emil', 'wrong'),
          verdict('dora', 'silent'),
        ],
      }),
      update('charlie', now - 2, 0, {
        ...over(now - 2),
        outcome: 'disputed',
        reward: '0',
        audit,
        verdicts: agree.map(one => ({ ...one, judgement: 'open' })),
      }),
      update('bob', now - 2, 0, {
        ...over(now - 2),
        planted: true,
        audit,
        verdicts: [verdict('alice', 'stood', 3), ...agree.slice(1)],
      }),
      update('alice', now - 2, 0, { ...over(now - 2), verdicts: agree }),
      update('dora', now - 3, 0, {
        ...over(now - 3),
        outcome: 'expired',
        sealed: true,
        lossBefore: null,
        lossAfter: null,
        reward: '0',
        verdicts: [],
      }),
    ]
    const older = Array.from({ length: 3 * (now - 4) }, (_, at) =>
      update(['dora', 'bob', 'alice'][at % 3] as string, now - 4 - Math.floor(at / 3), 0, {
        ...over(now - 4 - Math.floor(at / 3)),
        verdicts: agree,
      }),
    )
    const order = (a: Update, b: Update) =>
      b.round - a.round || (a.trainer < b.trainer ? 1 : a.trainer > b.trainer ? -1 : b.unit - a.unit)
    return [...found, ...older].sort(order)
  }

  updates(limit: number, before: string | null) {
    const all = this.allUpdates()
    const from = before === null ? 0 : Number(before)
    return { updates: all.slice(from, from + limit), before: from + limit < all.length ? String(from + limit) : null }
  }

  update(round: number, trainer: string, unit: number) {
    const found = this.allUpdates().find(one => one.round === round && one.trainer === trainer && one.unit === unit)
    if (found === undefined) return null
    const line = (height: number, type: string, text: string, amount: string | null = null) => ({
      ...{ height, time: this.timeOf(height), type, text, amount },
      transaction: hashOf(`tx ${height} ${type}`),
    })
    const at = (found.height ?? this.height) - 9
    const disputed = found.outcome === 'refuted' || found.outcome === 'disputed'
    const dispute = {
      ...{ model: found.model, round, trainer, trainerName: found.trainerName, unit, label: found.label },
      ...{ openedAt: at + 5, until: found.outcome === 'disputed' ? this.height + 8 : null },
      open: found.outcome === 'disputed',
      question: found.outcome === 'disputed' ? 'alice says where her states and those of charlie part.' : null,
      outcome: found.outcome === 'disputed' ? null : found.outcome,
    }
    return {
      ...found,
      commitment: hashOf('commitment'),
      seal: hashOf('seal'),
      base: hashOf('base'),
      payload: found.revealed ? hashOf('payload') : null,
      traceRoot: found.revealed ? hashOf('trace') : null,
      residualBefore: null,
      residual: null,
      dispute: disputed ? dispute : null,
      course: [
        line(at, 'commit', `${found.trainerName} committed unit ${unit} of round ${round} of mnist-cnn`),
        line(at + 1, 'reveal', `${found.trainerName} revealed unit ${unit} of round ${round} of mnist-cnn`),
        ...(disputed ? [line(at + 5, 'dispute', 'alice contradicts charlie at segment 4 of the trace')] : []),
        ...(found.outcome === 'refuted'
          ? [line(at + 9, 'unit-slash', 'charlie lost 50.0 HYDRA of stake for a false unit', '50')]
          : []),
      ],
      complete: true,
    }
  }

  /** Squares of one colour, red, green or blue, with the names of flowers. */
  flowerSamples() {
    const samples = Array.from({ length: 6 }, (_, index) => {
      const planes = Buffer.alloc(3 * 64)
      planes.fill(200, (index % 3) * 64, ((index % 3) + 1) * 64)
      const predicted = index === 4 ? 0 : index % 3
      const confidence = [0, 1, 2].map(label => (label === predicted ? 0.75 : 0.125))
      return { index, pixels: planes.toString('base64'), label: index % 3, predicted, confidence }
    })
    return { version: this.version, shape: [3, 8, 8], classNames: ['poppy', 'fern', 'cornflower'], samples }
  }

  samples() {
    if (this.flowers) return this.flowerSamples()
    const samples = this.pictures.map((pixels, at) => {
      const predicted = predictionOf(at, this.version)
      const confidence = Array.from({ length: 10 }, (_, digit) => (digit === predicted ? 0.82 : 0.02))
      return { index: 9000 + at, pixels, label: at % 10, predicted, confidence }
    })
    return { version: this.version, shape: [1, 28, 28], classNames: [...'0123456789'], samples }
  }

  training() {
    const wobble = (at: number) => Math.sin(at * 12.9898) * 0.5 + Math.sin(at * 3.7) * 0.3
    const losses = Array.from({ length: 270 }, (_, at) => ({
      at: this.start - (270 - at) * 900,
      model: at % 3 ? 'mnist-cnn' : 'hydra-gpt',
      loss: Math.max(0.02, 0.16 + 0.9 / (1 + at / 14) + wobble(at) * (0.05 + 0.2 / (1 + at / 20))),
    }))
    return {
      current: this.paused
        ? null
        : {
            model: 'mnist-cnn',
            round: this.version + 2,
            unit: 3,
            label: 'Image batch #1,247',
            step: this.step,
            steps: 24,
            loss: 0.187,
          },
      only: this.only,
      unitsCompleted: 23,
      earned: '23.0',
      losses,
      verifying: null,
      trainingShare: 0.87,
      cpu: { trainingMs: 61_000, checkingMs: 4_000, replayingMs: 5_000 },
    }
  }

  log() {
    const texts: [string, string][] = [
      ['INFO', 'Connected to peer bob (127.0.0.1:7771)'],
      ['TRAIN', 'Started training on image batch #1,246'],
      ['PROPOSAL', 'Submitted an update for image batch #1,246 (loss 0.231 → 0.188)'],
      ['VOTE', 'Checked image batch #1,244 of bob, bit for bit: valid'],
      ['WARN', 'Peer node-1e5f sent a message that was too long; it was refused and counted'],
      ['SUCCESS', 'Earned 1.0 HYDRA. New balance: 45.5'],
      ['BLOCK', 'New block #1,246 added to the chain'],
      ['TRAIN', 'Started training on image batch #1,247'],
      ['BLOCK', 'New block #1,247 added to the chain'],
    ]
    return { entries: texts.map(([kind, text], at) => ({ at: this.start - (texts.length - at) * 4_000, kind, text })) }
  }

  wallet() {
    return {
      address: addressOf('alice'),
      balance: this.balance,
      pending: this.pending,
      stake: '1.0',
      unbonding: this.unbonding[0]?.amount ?? '0',
      feeCredit: '0.04',
      nonce: 41,
    }
  }
}
