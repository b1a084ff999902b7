import type { Child } from './child.ts'
import { NodeApi } from './nodeApi.ts'

/** One node in the summary. Hashes are those at the height that all nodes have. */
export interface NodeSummary {
  readonly name: string
  readonly pid: number | null
  readonly address: string
  readonly balance: string
  readonly height: number
  readonly blockHash: string
  readonly modelHash: string
  readonly unitsVerified: number
  readonly peers: number
}

export interface Summary {
  readonly reached: boolean
  readonly accuracy: number
  readonly model: string
  readonly modelVersion: number
  readonly height: number
  readonly nodes: readonly NodeSummary[]
  readonly supply: string
  readonly seconds: number
}

/** The best model version that every node has, and the least height among the nodes. */
export interface Common {
  readonly model: string
  readonly version: number
  readonly accuracy: number
  readonly height: number
}

/** What all nodes agree on now; null while one of them does not answer. */
export async function commonGround(children: readonly Child[]): Promise<Common | null> {
  try {
    const seen = await Promise.all(
      children.map(async child => {
        const api = new NodeApi(child.apiUrl)
        const [status, models] = await Promise.all([api.status(), api.models()])
        return { height: status.chain.height, model: models[0] }
      }),
    )
    const models = seen.map(({ model }) => model).filter(model => model !== undefined)
    const oldest = models.reduce<(typeof models)[number] | undefined>(
      (a, b) => (a === undefined || b.version < a.version ? b : a),
      undefined,
    )
    if (models.length < children.length || !oldest) return null
    const height = Math.min(...seen.map(({ height }) => height))
    return { model: oldest.id, version: oldest.version, accuracy: oldest.evaluation.accuracy, height }
  } catch {
    return null
  }
}

/** Asks every node for its own view of the common height: agreement is shown, not assumed. */
export async function summarise(
  children: readonly Child[],
  outcome: { reached: boolean; accuracy: number; startedAt: number },
): Promise<Summary> {
  const common = await commonGround(children)
  const height = common?.height ?? 0
  const nodes = await Promise.all(children.map(child => summariseNode(child, height)))
  const [first] = children
  const supply = first ? await supplyOf(first) : '0'
  return {
    reached: outcome.reached,
    accuracy: common?.accuracy ?? outcome.accuracy,
    model: common?.model ?? '',
    modelVersion: nodes[0]?.modelVersion ?? 0,
    height,
    nodes: nodes.map(({ modelVersion, ...node }) => node),
    supply,
    seconds: Math.round((Date.now() - outcome.startedAt) / 100) / 10,
  }
}

async function summariseNode(child: Child, height: number): Promise<NodeSummary & { modelVersion: number }> {
  const absent = { address: '', balance: '0', height: 0, blockHash: '', modelHash: '', unitsVerified: 0, peers: 0 }
  const identity = { name: child.member.name, pid: child.pid }
  try {
    const api = new NodeApi(child.apiUrl)
    const { node, peers } = await api.status()
    const account = await api.account(node.address)
    const block = height > 0 ? await api.block(height) : null
    const [model] = block?.models ?? []
    return {
      ...identity,
      address: node.address,
      balance: account.balance,
      height,
      blockHash: block?.hash ?? '',
      modelHash: model?.parameters ?? '',
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
