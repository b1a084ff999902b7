import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { usualThreads } from '../options/nodeOptions.ts'
import { Child, type ChildOptions, type NodeEvent } from './child.ts'
import { freePorts, type Member, openLocalNetwork } from './members.ts'
import { type ModelRow, NodeApi, type NodeStatus } from './nodeApi.ts'
import type { DevnetOptions } from './options.ts'
import { JsonPresenter, type Presenter, TextPresenter } from './presenter.ts'
import { commonGround, summarise } from './summary.ts'
import { measureUsage } from './usage.ts'

const POLL_MS = 500
const START_TIMEOUT_MS = 60_000

/**
 * Runs a local network of separate node processes until its goal is met, its time is up or it is asked to stop.
 * Answers the exit code: 0 unless a goal was set and not reached.
 */
export async function runDevnet(options: DevnetOptions): Promise<number> {
  const presenter: Presenter = options.json ? new JsonPresenter() : new TextPresenter()
  const startedAt = Date.now()
  const network = await openLocalNetwork(options.folder, options.nodes, options.blockIntervalMs, options.models)
  presenter.starting({ members: network.members, folder: options.folder, resumed: network.resumed })

  const stop = new StopRequest()
  const subject = network.models[0]!
  const watch = new Watch(presenter, startedAt)
  let failed = false
  const onExit: ChildOptions['onExit'] = (member, exit) => {
    presenter.nodeExited(member.name, exit)
    if (exit.restarting) return
    // A network without one of its nodes is not what was asked for.
    failed = true
    stop.ask()
  }
  const children = await makeChildren(network.members, network.password, options.apiPort, watch, onExit)
  try {
    for (const child of children) child.start()
    const [first] = children
    if (first) await announcePage(first, presenter, stop)
    const reached = await runUntil({ options, subject, children, watch, presenter, stop, startedAt })
    const summary = await summarise(children, { reached, model: subject, startedAt })
    const usage = await measureUsage(children)
    if (usage) presenter.usage(usage)
    presenter.stopping()
    await stopAll(children, stop)
    presenter.finished(summary, options.until?.accuracy)
    return !failed && (options.until === undefined || reached) ? 0 : 1
  } finally {
    for (const child of children) child.kill()
    stop.release()
  }
}

/** Ctrl-C once ends well, twice ends now. */
class StopRequest {
  #count = 0
  readonly #controller = new AbortController()
  readonly #now = new AbortController()
  readonly #onSignal = () => {
    this.#count++
    if (this.#count === 1) this.#controller.abort()
    else this.#now.abort()
  }

  constructor() {
    process.on('SIGINT', this.#onSignal)
    process.on('SIGTERM', this.#onSignal)
  }

  /** As the first Ctrl-C does. */
  ask(): void {
    this.#controller.abort()
  }

  get asked(): AbortSignal {
    return this.#controller.signal
  }

  get now(): AbortSignal {
    return this.#now.signal
  }

  release(): void {
    process.off('SIGINT', this.#onSignal)
    process.off('SIGTERM', this.#onSignal)
  }
}

/** What the nodes have said so far. A fact that several nodes tell is shown once. */
class Watch {
  /** The newest version of each model, by its id. */
  readonly #versions = new Map<string, { version: number; accuracy: number }>()
  #height = 0
  readonly #presenter: Presenter
  readonly #startedAt: number

  constructor(presenter: Presenter, startedAt: number) {
    this.#presenter = presenter
    this.#startedAt = startedAt
  }

  accuracyOf(model: string): number {
    return this.#versions.get(model)?.accuracy ?? 0
  }

  onEvent(member: Member, event: NodeEvent): void {
    const seconds = (Date.now() - this.#startedAt) / 1000
    if (event.event === 'model') {
      const [model, version] = [String(event.model), Number(event.version)]
      if (version <= (this.#versions.get(model)?.version ?? -1)) return
      const accuracy = Number(event.accuracy)
      this.#versions.set(model, { version, accuracy })
      this.#presenter.model({
        model,
        version,
        accuracy,
        loss: Number(event.loss),
        height: Number(event.height),
        seconds,
      })
    } else if (event.event === 'block' && Number(event.height) > this.#height) {
      this.#height = Number(event.height)
      this.#presenter.block({ height: this.#height, hash: String(event.hash), seconds })
    } else this.#presenter.passOn(member.name, event)
  }
}

async function makeChildren(
  members: readonly Member[],
  password: string,
  apiPort: number,
  watch: Watch,
  onExit: ChildOptions['onExit'],
): Promise<Child[]> {
  const ports = await freePorts(2 * members.length)
  const p2p = ports.slice(0, members.length)
  const api = ports.slice(members.length)
  if (apiPort !== 0) api[0] = apiPort
  return members.map(
    (member, i) =>
      new Child({
        member,
        password,
        port: p2p[i]!,
        apiPort: api[i]!,
        peers: p2p.filter((_, j) => j !== i).map(port => `/ip4/127.0.0.1/tcp/${port}`),
        threads: usualThreads(availableParallelism() / members.length),
        onEvent: (member, event) => watch.onEvent(member, event),
        onExit,
      }),
  )
}

async function announcePage(first: Child, presenter: Presenter, stop: StopRequest): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline && !stop.asked.aborted) {
    const up = await new NodeApi(first.apiUrl).status().then(
      () => true,
      () => false,
    )
    if (up) {
      const token = (await readFile(join(first.member.folder.path, 'api-token'), 'utf8')).trim()
      presenter.ready({ url: first.apiUrl, token })
      return
    }
    await pause(POLL_MS, stop.asked)
  }
}

/** True once every node has a model version that meets the goal. */
async function runUntil({
  options,
  subject,
  children,
  watch,
  presenter,
  stop,
  startedAt,
}: {
  options: DevnetOptions
  subject: string
  children: readonly Child[]
  watch: Watch
  presenter: Presenter
  stop: StopRequest
  startedAt: number
}): Promise<boolean> {
  const deadline =
    options.timeoutSeconds === undefined ? Number.POSITIVE_INFINITY : startedAt + options.timeoutSeconds * 1000
  const goal = options.until?.accuracy
  while (!stop.asked.aborted && Date.now() < deadline) {
    if (goal !== undefined && watch.accuracyOf(subject) >= goal) {
      const common = await commonGround(children)
      const model = common?.models.find(({ id }) => id === subject)
      if (model && model.accuracy >= goal) return true
    }
    if (!options.json) presenter.progress(await observe(children, startedAt))
    await pause(POLL_MS, stop.asked)
  }
  return false
}

async function observe(children: readonly Child[], startedAt: number) {
  const apis = children.map(child => new NodeApi(child.apiUrl))
  const statuses = await Promise.all(apis.map(api => api.status().catch((): NodeStatus | null => null)))
  const balances = await Promise.all(
    statuses.map(async (status, i) =>
      status ? shortAmount((await apis[i]!.account(status.node.address)).balance) : '–',
    ),
  ).catch(() => [])
  const models = await apis[0]?.models().catch((): ModelRow[] => [])
  return { seconds: (Date.now() - startedAt) / 1000, statuses, models: models ?? [], balances }
}

function shortAmount(balance: string): string {
  return balance.replace(/(\.\d).*$/, '$1')
}

async function stopAll(children: readonly Child[], stop: StopRequest): Promise<void> {
  const end = () => {
    for (const child of children) child.kill()
  }
  stop.now.addEventListener('abort', end)
  await Promise.all(children.map(child => child.stop()))
  stop.now.removeEventListener('abort', end)
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => {})
}
