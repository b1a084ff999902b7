import { formatAmount, HydraError, type KeyPair, type Micro } from '@hydraai/core'
import { accountOf, type LedgerState } from '@hydraai/ledger'
import { askableModels, isAskable, type TextModel } from './readyModels.ts'

const PREFERRED_MODEL = 'hydra-gpt'

/** The model that is named, or the usual one. @throws HydraError MODEL_NOT_ASKABLE */
export function modelFor(state: LedgerState, id: string | undefined): TextModel {
  const askable = askableModels(state)
  if (id === undefined) {
    const chosen = askable.find(model => model.id === PREFERRED_MODEL) ?? askable[0]
    if (chosen) return chosen
    throw new HydraError('MODEL_NOT_ASKABLE', 'This network has no model that can be asked.', {
      advice: 'It trains no language model. Answer with the shipped one by --local.',
    })
  }
  const model = state.models.get(id)
  if (isAskable(model)) return model
  const names = askable.map(model => model.id).join(', ') || 'none'
  const what = model === undefined ? `There is no model ${id.slice(0, 40)}` : `The model ${id} answers no questions`
  throw new HydraError('MODEL_NOT_ASKABLE', `${what}.`, { advice: `Models that can be asked: ${names}.` })
}

/** That this node can pay for one more answer. @throws HydraError NOT_SYNCED, NOT_REGISTERED, BALANCE_TOO_LOW */
export function checkMeans(node: {
  readonly keys: KeyPair
  readonly state: () => LedgerState
  readonly synced: () => boolean
  /** What it has promised to pay in transactions that wait for a block. */
  readonly promised: () => Micro
}): void {
  if (!node.synced())
    throw new HydraError('NOT_SYNCED', 'This node is still catching up.', { advice: 'Ask again when it has.' })
  const state = node.state()
  const { registered, balance } = accountOf(state, node.keys.address)
  if (!registered)
    throw new HydraError('NOT_REGISTERED', 'This node is not registered on the chain yet.', {
      advice: 'It registers by itself within some blocks; ask again then.',
    })
  const price = state.parameters.fees.query
  const free = balance - node.promised()
  if (free >= price) return
  throw new HydraError(
    'BALANCE_TOO_LOW',
    `An answer costs ${formatAmount(price)} HYDRA, and you have ${formatAmount(free > 0n ? free : 0n)} to spend.`,
    { advice: 'Let the node train: a verified unit earns more than that. Or ask for free with --local.' },
  )
}
