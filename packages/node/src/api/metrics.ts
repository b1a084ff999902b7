import { monitorEventLoopDelay } from 'node:perf_hooks'
import { MICRO, type Micro } from '@hydraai/core'
import { accountOf, type Question, supplyOf } from '@hydraai/ledger'
import { Counter, Gauge, Registry } from 'prom-client'
import type { HydraNode } from '../node.ts'
import type { LedgerIndex } from './history/ledgerIndex.ts'
import type { StreamHub } from './live/hub.ts'
import { shareOf } from './views/training.ts'
import { lossOf } from './views/words.ts'

type Rows = [labels: Record<string, string>, value: number][]

const LAG_RESOLUTION_MS = 50
const QUESTIONS: readonly Question['type'][] = ['findings', 'seal', 'key', 'pick', 'narrow', 'step']

/** What the node is and does, in the text format of Prometheus. Worked out when it is asked for, and only then. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS })
  readonly #requests = new Counter({
    name: 'hydra_http_requests_total',
    help: 'Answers of the HTTP API by class of status',
    labelNames: ['status'],
    registers: [this.#registry],
  })

  constructor({ node, index, hub }: { node: HydraNode; index: LedgerIndex; hub: StreamHub }) {
    this.#chain(node)
    this.#work(node, index)
    this.#proof(node, index)
    this.#network(node)
    this.#gauge('hydra_event_streams', 'Open event streams', () => hub.size)
    this.#process()
  }

  start(): void {
    this.#lag.enable()
  }

  stop(): void {
    this.#lag.disable()
  }

  countAnswer(status: number): void {
    this.#requests.inc({ status: `${Math.floor(status / 100)}xx` })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  render(): Promise<string> {
    return this.#registry.metrics()
  }

  #chain(node: HydraNode): void {
    this.#gauge('hydra_height', 'Height of the newest final block', () => node.chain.height)
    this.#gauge('hydra_lowest_height', 'First block that is still held', () => node.chain.lowest)
    this.#gauge('hydra_block_time_seconds', 'Time of the newest final block', () => node.chain.tip.time / 1_000)
    this.#gauge('hydra_synced', '1 while no peer is more than a block ahead', () => Number(node.synced))
    this.#gauge('hydra_round', 'Consensus round of the height under vote', () => node.consensus.progress.round)
    this.#gauge('hydra_halted', '1 when this node has stopped voting', () => Number(node.consensus.progress.halted))
    this.#gauge('hydra_validators', 'Validators of the next block', () => node.chain.committee().validators.length)
    this.#gauge('hydra_validating', '1 when this node is one of them', () => Number(node.consensus.validates))
    this.#gauge('hydra_mempool_transactions', 'Transactions that wait for a block', () => node.mempool.size)
    this.#gauge('hydra_supply', 'All HYDRA there is', () => hydra(supplyOf(node.state).total))
    const each = <T>(values: Iterable<T>, row: (value: T) => [Record<string, string>, number]): Rows =>
      [...values].map(row)
    const models = () => node.state.models.values()
    this.#gauges('hydra_model_version', 'Version of a model', ['model'], () =>
      each(models(), ({ id, version }) => [{ model: id }, version]),
    )
    this.#gauges('hydra_model_correct', 'Held-out samples that a model gets right', ['model'], () =>
      each(models(), ({ id, evaluation }) => [{ model: id }, evaluation.correct]),
    )
    this.#gauges('hydra_model_loss', 'Mean held-out loss of a model', ['model'], () =>
      each(models(), ({ id, evaluation }) => [{ model: id }, lossOf(evaluation.lossBits) ?? Number.NaN]),
    )
    this.#gauges('hydra_model_round', 'Training round of a model', ['model'], () =>
      each(node.state.rounds.values(), ({ model, number }) => [{ model }, number]),
    )
  }

  #work(node: HydraNode, index: LedgerIndex): void {
    const own = () => accountOf(node.state, node.address)
    this.#gauge('hydra_balance', 'Own balance in HYDRA', () => hydra(own().balance))
    this.#gauge('hydra_stake', 'Own stake in HYDRA', () => hydra(own().stake))
    this.#gauge('hydra_reputation', 'Own reputation, 0 to 100', () => own().reputation)
    this.#gauge('hydra_paused', '1 while training is paused', () => Number(node.paused))
    this.#counter('hydra_units_completed_total', 'Units trained since the start', () => node.activity.unitsCompleted)
    this.#counter('hydra_units_verified_total', 'Own units that were accepted', () => own().unitsVerified)
    this.#counter('hydra_verdicts_total', 'Verdicts given', () => own().verdictsGiven)
    this.#counter('hydra_update_bytes_total', 'Bytes of the updates made', () => node.activity.payloadBytes)
    this.#counters('hydra_compute_cpu_ms_total', 'CPU milliseconds by purpose', ['purpose'], () => {
      const { trainingMs, checkingMs, replayingMs, otherMs } = node.ports.compute.usage()
      return [
        [{ purpose: 'training' }, trainingMs],
        [{ purpose: 'checking' }, checkingMs],
        [{ purpose: 'replaying' }, replayingMs],
        [{ purpose: 'other' }, otherMs],
      ]
    })
    const time = () => node.activity.time.until(node.ports.clock.now())
    this.#counters('hydra_training_time_ms_total', 'Time since the start by what it was used for', ['state'], () => {
      const { trainingMs, idleMs } = time()
      return [
        [{ state: 'training' }, trainingMs],
        [{ state: 'idle' }, idleMs],
      ]
    })
    this.#gauge('hydra_training_share', 'Of the time in which it could have trained, the part in which it did', () => {
      return shareOf(time()) ?? 0
    })
    this.#counters('hydra_earned_total', 'Rewards in HYDRA since genesis', ['for'], async () => {
      const { units, verdicts, replays, bounties, blocks, precommits, tips } = await index.totals(node.address)
      return Object.entries({ units, verdicts, replays, bounties, blocks, precommits, tips }).map(([name, sum]) => [
        { for: name },
        hydra(sum),
      ])
    })
  }

  /** Of all models and trainers, as the ledger tells it. */
  #proof(node: HydraNode, index: LedgerIndex): void {
    const counts = () => index.updates.counts
    this.#gauges('hydra_disputes', 'Open disputes by what is to be answered', ['question'], () => {
      const open = new Map<Question['type'], number>()
      for (const { question } of node.state.disputes.values())
        open.set(question.type, (open.get(question.type) ?? 0) + 1)
      return QUESTIONS.map(question => [{ question }, open.get(question) ?? 0])
    })
    this.#counter('hydra_disputes_total', 'Disputes that were opened', () => counts().disputes)
    this.#counters('hydra_updates_total', 'Updates that were decided on', ['outcome'], () => {
      const { accepted, refuted, expired } = counts()
      return Object.entries({ accepted, refuted, expired }).map(([outcome, count]) => [{ outcome }, count])
    })
    this.#counter('hydra_audits_total', 'Replays of a unit by a drawn verifier', () => counts().audits)
    this.#counter('hydra_audited_segments_total', 'Segments that these replayed', () => counts().segments)
    this.#counters('hydra_bad_verdicts_total', 'Verdicts that were proven wrong or never given', ['why'], () => {
      const { wrong, silent } = counts()
      return Object.entries({ wrong, silent }).map(([why, count]) => [{ why }, count])
    })
    this.#gauges('hydra_model_settling_round', 'Round of a model that is being verified, 0 for none', ['model'], () =>
      [...node.state.models.keys()].map(model => [{ model }, node.state.settling.get(model)?.number ?? 0]),
    )
  }

  #network({ ports: { network } }: HydraNode): void {
    const counters = () => network.counters()
    this.#gauge('hydra_peers', 'Connected peers', () => network.peers().length)
    this.#counter('hydra_bytes_sent_total', 'Bytes sent', () => counters().bytesSent)
    this.#counter('hydra_bytes_received_total', 'Bytes received', () => counters().bytesReceived)
    this.#counters('hydra_protocol_bytes_total', 'Bytes of requests', ['protocol', 'direction'], () =>
      Object.entries(counters().protocols).flatMap(
        ([protocol, { bytesSent, bytesReceived }]): Rows => [
          [{ protocol, direction: 'sent' }, bytesSent],
          [{ protocol, direction: 'received' }, bytesReceived],
        ],
      ),
    )
    this.#counters('hydra_requests_total', 'Requests by outcome', ['protocol', 'outcome'], () =>
      Object.entries(counters().protocols).flatMap(
        ([protocol, { requested, failed, served, refused }]): Rows => [
          [{ protocol, outcome: 'asked' }, requested],
          [{ protocol, outcome: 'failed' }, failed],
          [{ protocol, outcome: 'served' }, served],
          [{ protocol, outcome: 'refused' }, refused],
        ],
      ),
    )
    this.#counters('hydra_topic_bytes_total', 'Bytes of gossip', ['topic', 'direction'], () =>
      Object.entries(counters().topics).flatMap(
        ([topic, { bytesSent, bytesReceived }]): Rows => [
          [{ topic, direction: 'sent' }, bytesSent],
          [{ topic, direction: 'received' }, bytesReceived],
        ],
      ),
    )
    this.#counters('hydra_messages_total', 'Gossip messages by outcome', ['topic', 'outcome'], () =>
      Object.entries(counters().topics).flatMap(
        ([topic, { published, accepted, ignored, rejected }]): Rows => [
          [{ topic, outcome: 'published' }, published],
          [{ topic, outcome: 'accepted' }, accepted],
          [{ topic, outcome: 'ignored' }, ignored],
          [{ topic, outcome: 'rejected' }, rejected],
        ],
      ),
    )
    this.#counters('hydra_refused_total', 'What was turned away, by reason', ['reason'], () =>
      Object.entries(counters().refused).map(([reason, count]) => [{ reason }, count]),
    )
  }

  #process(): void {
    this.#gauges('hydra_event_loop_lag_seconds', 'How late timers were since the last look', ['quantile'], () => {
      // What is measured is the whole time between two looks.
      const lagOf = (percentile: number) => Math.max(0, this.#lag.percentile(percentile) / 1e6 - LAG_RESOLUTION_MS)
      const rows: Rows = [50, 99, 100].map(q => [{ quantile: String(q / 100) }, lagOf(q) / 1_000])
      this.#lag.reset()
      return rows
    })
    this.#gauges('hydra_memory_bytes', 'Memory of the process', ['kind'], () => {
      const { rss, heapUsed, external } = process.memoryUsage()
      return [
        [{ kind: 'resident' }, rss],
        [{ kind: 'heap' }, heapUsed],
        [{ kind: 'external' }, external],
      ]
    })
    this.#counter('hydra_process_cpu_seconds_total', 'CPU time of the process', () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    })
  }

  #gauge(name: string, help: string, read: () => number): void {
    this.#gauges(name, help, [], () => [[{}, read()]])
  }

  #gauges(name: string, help: string, labelNames: string[], read: () => Rows): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset()
        for (const [labels, value] of read()) this.set(labels, value)
      },
    })
  }

  #counter(name: string, help: string, read: () => number): void {
    this.#counters(name, help, [], () => [[{}, read()]])
  }

  /** The totals are kept elsewhere; the library's counter only carries them. */
  #counters(name: string, help: string, labelNames: string[], read: () => Rows | Promise<Rows>): void {
    new Counter({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      async collect() {
        const rows = await read()
        this.reset()
        for (const [labels, value] of rows) this.inc(labels, Math.max(0, value))
      },
    })
  }
}

/** For graphs only; the API itself carries exact amounts. */
function hydra(amount: Micro): number {
  return Number(amount) / Number(MICRO)
}
