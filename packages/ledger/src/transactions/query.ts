import {
  type Address,
  address,
  type Hash,
  hash,
  type Signature,
  signature,
  uint,
  uintMax,
  ZERO_HASH,
} from '@hydraai/core'
import { hasValidReceipt, type Receipt } from '../asking/receipt.ts'
import { MAX_ANSWER_TOKENS } from '../asking/request.ts'
import { burn, credit, debit } from '../economics/money.ts'
import { LedgerError } from '../errors.ts'
import { modelIdField } from '../genesis/modelId.ts'
import type { TransactionContext } from './context.ts'

/** Pays for an answer. The sender is the asker; what the server signed stands on the chain for good. */
export interface Query {
  readonly type: 'query'
  readonly model: string
  readonly version: number
  readonly parameters: Hash
  readonly server: Address
  readonly request: Hash
  readonly answer: Hash
  readonly tokens: number
  /** The server's, over receiptBytes of the receipt that these fields, the chain and the sender make up. */
  readonly signature: Signature
}

export const queryFields = {
  model: modelIdField,
  version: uint,
  parameters: hash,
  server: address,
  request: hash,
  answer: hash,
  tokens: uintMax(MAX_ANSWER_TOKENS),
  signature,
}

/** The receipt that a query pays for. */
export function receiptOf(chainId: string, asker: Address, query: Query): Receipt {
  const { model, version, parameters, server, request, answer, tokens } = query
  return { chainId, model, version, parameters, asker, server, request, answer, tokens }
}

export function applyQuery({ draft, sender, transaction }: TransactionContext, action: Query): void {
  const { chainId, parameters: chain } = draft.block
  const { server, version, tokens } = action
  const model = draft.model(action.model)
  if (model.parameters === ZERO_HASH) {
    throw new LedgerError('MODEL_NOT_FOUNDED', `the model ${model.id} is not founded yet and answers nothing`)
  }
  // Of older versions the chain's state keeps no hash; its blocks do, for whoever wants to prove a lie.
  const isKnown = version < model.version || (version === model.version && action.parameters === model.parameters)
  if (!isKnown) throw new LedgerError('RECEIPT_INVALID', `version ${version} of ${model.id} has no such parameters`)
  if (!draft.account(sender).registered) throw new LedgerError('NOT_REGISTERED', `${sender} must register first`)
  if (server === sender)
    throw new LedgerError('RECEIPT_INVALID', 'an answer of its own is nothing that a node pays for')
  const { registered, publicKey } = draft.account(server)
  if (!registered || publicKey === null) {
    throw new LedgerError('NOT_REGISTERED', `the server ${server} is not registered`)
  }
  if (!hasValidReceipt(receiptOf(chainId, sender, action), action.signature, publicKey)) {
    throw new LedgerError('RECEIPT_INVALID', `the receipt is not signed by its server ${server}`)
  }
  const { query, queryBurnt } = chain.fees
  const amount = query - queryBurnt
  burn(draft, sender, queryBurnt)
  debit(draft, sender, amount)
  credit(draft, server, amount)
  draft.events.push({ type: 'fee', transaction, account: sender, amount: queryBurnt, credit: 0n })
  const what = { model: model.id, version, tokens }
  draft.events.push({ type: 'query-payment', transaction, account: server, from: sender, amount, ...what })
}
