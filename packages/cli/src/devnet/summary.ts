import type { Child } from './child.ts'
import { type ModelRow, NodeApi } from './nodeApi.ts'

/** One node in the summary. Hashes are those at the height that all nodes have. */
export interface NodeSummary {
  readonly name: string
  readonly pid: number | null
  readonly address: string
  readonly balance: string
  readonly height: number
  readonly blockHash: string
  /** Of the goal's model. */
  readonly modelHash: string
  /** Of every model, by its id. */
  readonly modelHashes: Readonly<Record<string, string>>
  readonly unitsVerified: number
  readonly peers: number
}

export interface Summary {
  readonly reached: boolean
  /** Of the goal's model. */
  readonly accuracy: number
  readonly model: string
  readonly modelVersion: number
  readonly models: readonly CommonModel[]
  readonly height: number
  readonly nodes: readonly NodeSummary[]
  readonly supply: string
  readonly seconds: number
}

/** A model at the newest version that every node has. */
export interface CommonModel {
  readonly id: string
  readonly version: number
  readonly accuracy: number
  readonly loss: number
}

/** What every node has: the least height among them, and the models. */
export interface Common {
  readonly height: number
  readonly models: readonly CommonModel[]
}

/** What all nodes agree on now; null while one of them does not answer. */
export async function commonGround(children: readonly Child[]): Promise<Common | null> {
  try {
    const seen = await Promise.all(
      children.map(async child => {
        const api = new NodeApi(child.apiUrl)
        const [status, models] = await Promise.all([api.status(), api.models()])
        return { height: status.chain.height, models }
      }),
    )
    const height = Math.min(...seen.map(({ height }) => height))
    return { height, models: oldestOfEach(seen.map(({ models }) => models)) }
  } catch {
    return null
  }
}

function oldestOfEach(seen: readonly (readonly ModelRow[])[]): CommonModel[] {
  const [first = [], ...others] = seen
  return first.flatMap(({ id }) => {
    const rows = [first, ...others]
      .map(models => models.find(model => model.id === id))
      .filter(row => row !== undefined)
    const oldest = rows.reduce((a, b) => (b.version < a.version ? b : a))
    const { version, evaluation } = oldest
    return rows.length === seen.length ? [{ id, version, ...evaluation }] : []
  })
}

/** Asks every node for its own view of the common height: agreement is shown, not assumed. */
export async function summarise(
  children: readonly Child[],
  outcome: { reached: boolean; model: string; startedAt: number },
): Promise<Summary> {
  const common = await commonGround(children)
  const height = common?.height ?? 0
  const nodes = await Promise.all(children.map(child => summariseNode(child, height, outcome.model)))
  const subject = common?.models.find(({ id }) => id === outcome.model)
  const [first] = children
  const supply = first ? await supplyOf(first) : '0'
  return {
    reached: outcome.reached,
    accuracy: subject?.accuracy ?? 0,
    model: outcome.model,
    modelVersion: nodes[0]?.modelVersion ?? 0,
    models: common?.models ?? [],
    height,
    nodes: nodes.map(({ modelVersion, ...node }) => node),
    supply,
    seconds: Math.round((Date.now() - outcome.startedAt) / 100) / 10,
  }
}

async function summariseNode(
  child: Child,
  height: number,
  subject: string,
): Promise<NodeSummary & { modelVersion: number }> {
  const nothing = { blockHash: '', modelHash: '', modelHashes: {} }
  const absent = { address: '', balance: '0', height: 0, ...nothing, unitsVerified: 0, peers: 0 }
  const identity = { name: child.member.name, pid: child.pid }
  try {
    const api = new NodeApi(child.apiUrl)
    const { node, peers } = await api.status()
    const account = await api.account(node.address)
    const block = height > 0 ? await api.block(height) : null
    const models = block?.models ?? []
    const model = models.find(({ id }) => id === subject)
    return {
      ...identity,
      address: node.address,
      balance: account.balance,
      height,
      blockHash: block?.hash ?? '',
      modelHash: model?.parameters ?? '',
      modelHashes: Object.fromEntries(models.map(({ id, parameters }) => [id, parameters])),
      unitsVerified: account.unitsVerified,
      peers,
      modelVersion: model?.version ?? 0,
    }
  } catch {
    return { ...identity, ...absent, modelVersion: 0 }
  }
}

async function supplyOf(child: Child): Promise<string> {
  try {
    return (await new NodeApi(child.apiUrl).status()).supply.total
  } catch {
    return '0'
  }
}
