import { type Clock, encode, formatAmount, type Hash, HydraError, type KeyPair, type Micro } from '@hydraai/core'
import { type Tokenizer, tokenizerOfBytes } from '@hydraai/engine'
import type { AskRequest, LedgerState, Query } from '@hydraai/ledger'
import type { Network } from '@hydraai/network'
import type { Journal } from '../journal.ts'
import type { Library } from '../library.ts'
import type { Logger } from '../ports.ts'
import type { PeerBook } from '../sync/peerBook.ts'
import type { AnswerFile } from './answerFile.ts'
import { type AnswerPart, AnswerReader } from './answerReader.ts'
import type { AskEvent, Question } from './events.ts'
import { checkMeans, modelFor } from './means.ts'
import type { OwnPayments } from './ownPayments.ts'
import { ASK_PROTOCOL, MAX_FRAME_BYTES, MAX_STREAM_BYTES, signedRequestCodec, signRequest } from './protocol.ts'
import type { ReadyModels, TextModel } from './readyModels.ts'
import { optionsOf } from './sampling.ts'
import { type Server, serversOf } from './serverChoice.ts'
import type { Versions } from './versions.ts'
import { adviceFor, codeOf, FAULTLESS, OWN_CODES, reasonOf } from './words.ts'

/** A server that says nothing for so long is given up. */
const SILENCE_MS = 10_000
const ANSWER_TIMEOUT_MS = 280_000
const MAX_SERVERS_TRIED = 4
/** Questions of this node that are under way at once. */
const MAX_QUESTIONS = 4
/** How long a server that failed is not chosen. */
const AVOIDED_MS = 60_000
/** How long a payment may take to be accepted before the person is told that it comes later. */
const PAYMENT_WAIT_MS = 15_000

export interface AskerParts {
  readonly keys: KeyPair
  readonly clock: Clock
  readonly network: Network
  readonly peers: PeerBook
  readonly library: Library
  readonly models: ReadyModels
  readonly versions: Versions
  readonly payments: OwnPayments
  readonly journal: Journal
  readonly logger: Logger
  readonly state: () => LedgerState
  readonly synced: () => boolean
  readonly nameOf: (address: Server['address']) => string
  /** What this node has promised to pay in transactions that wait for a block. */
  readonly promised: () => Micro
  /** 32 bytes nobody can foresee. */
  readonly freshHash: () => Hash
  readonly modeOf: (model: TextModel) => Promise<'answer' | 'continue'>
}

/** Puts questions to peers, checks what comes, and pays for it. */
export class Asker {
  readonly #parts: AskerParts
  readonly #tokenizers = new Map<Hash, Tokenizer>()
  /** Peers that failed, and until when they are not chosen. */
  readonly #avoided = new Map<string, number>()
  #asking = 0

  constructor(parts: AskerParts) {
    this.#parts = parts
  }

  /** The peers that answer for a model now, nearest first. */
  servers(model: string): Server[] {
    const { peers, network, keys, state, clock } = this.#parts
    const now = clock.now()
    return serversOf(model, {
      peers: peers.all(),
      connections: network.peers(),
      state: state(),
      self: keys.address,
      avoided: peerId => (this.#avoided.get(peerId) ?? 0) > now,
    })
  }

  /** Never throws: an error is the last event. Ends without one when the signal aborts. */
  async *ask(question: Question, signal: AbortSignal): AsyncGenerator<AskEvent> {
    if (this.#asking >= MAX_QUESTIONS) {
      yield errorEvent(new HydraError('ASKING_TOO_MUCH', `${MAX_QUESTIONS} questions are being answered already.`))
      return
    }
    this.#asking++
    try {
      yield* this.#ask(question, signal)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof HydraError)) this.#parts.logger.warn('asking failed', { error: String(error) })
      yield errorEvent(error)
    } finally {
      this.#asking--
    }
  }

  async *#ask(question: Question, signal: AbortSignal): AsyncGenerator<AskEvent> {
    const { state, modeOf, freshHash } = this.#parts
    const model = modelFor(state(), question.model)
    const options = optionsOf(question, { mode: question.mode ?? (await modeOf(model)), randomSeed: freshHash })
    checkMeans(this.#parts)
    const servers = this.servers(model.id)
    if (servers.length === 0) throw await this.#nobody(model)
    const tokenizer = await this.#tokenizer(model.tokenizer)
    const failures: string[] = []
    let last: unknown = null
    for (const server of servers.slice(0, MAX_SERVERS_TRIED)) {
      const { chainId } = this.#parts.state()
      const asker = this.#parts.keys.address
      const request: AskRequest = {
        chainId,
        model: model.id,
        asker,
        server: server.address,
        nonce: freshHash(),
        ...options,
      }
      const attempt = { request, server, model, tokenizer }
      const outcome = yield* this.#askOne(attempt, signal)
      if (outcome === null) return
      if (signal.aborted) return
      failures.push(`${server.name || server.peerId.slice(-6)} ${reasonOf(outcome)}`)
      last = outcome
    }
    throw new HydraError('NO_ANSWER', `Nobody answered: ${failures.join('; ')}.`, {
      advice: `Nothing was paid. ${adviceFor(last)}`,
      cause: last,
    })
  }

  /** Asks one server. Null when it answered; the error when it failed before anything was shown. @throws when later */
  async *#askOne(
    attempt: { request: AskRequest; server: Server; model: TextModel; tokenizer: Tokenizer },
    signal: AbortSignal,
  ): AsyncGenerator<AskEvent, HydraError | null> {
    const { server, request } = attempt
    let begun = false
    try {
      for await (const part of this.#read(attempt, signal)) {
        if (part.type === 'start') continue
        if (!begun) yield this.#startEvent(request, server, part.version)
        begun = true
        if (part.type === 'text') yield { type: 'text', text: part.text, tokens: part.tokens }
        else {
          // Begun before it is told: whoever stops listening now has the whole answer all the same.
          const paying = this.#pay(part.answer)
          paying.catch(() => {})
          const { tokens } = part.answer
          yield { type: 'end', tokens: tokens.length, ended: part.ended, answer: part.answer }
          const paid = await paying
          if (paid !== null) yield paid
        }
      }
      return null
    } catch (error) {
      if (signal.aborted || !(error instanceof HydraError)) throw error
      this.#avoid(server, error)
      if (!begun) return error
      if (OWN_CODES.has(error.code)) throw error
      const name = server.name || this.#parts.nameOf(server.address)
      throw new HydraError('ANSWER_BROKEN', `${name} ${reasonOf(error)} before its answer was whole.`, {
        advice: 'Nothing was paid. Ask again: another server is tried first.',
        cause: error,
      })
    }
  }

  /** The parts of a server's answer, each checked. What comes before the first token is told together with it. */
  async *#read(
    {
      request,
      server,
      model,
      tokenizer,
    }: { request: AskRequest; server: Server; model: TextModel; tokenizer: Tokenizer },
    signal: AbortSignal,
  ): AsyncGenerator<AnswerPart & { version: number }> {
    const { keys, network, state, versions } = this.#parts
    const signed = signRequest(keys, request, state().height)
    const frames = network.requestStream(server.peerId, ASK_PROTOCOL, encode(signedRequestCodec, signed), {
      timeoutMs: ANSWER_TIMEOUT_MS,
      idleMs: SILENCE_MS,
      maxFrameBytes: MAX_FRAME_BYTES,
      maxTotalBytes: MAX_STREAM_BYTES,
      signal,
    })
    const reader = new AnswerReader({ request, server, model, tokenizer })
    let version = 0
    for await (const frame of frames) {
      for (const part of reader.push(frame)) {
        if (part.type === 'start') {
          version = part.version
          versions.check(model.id, part)
        }
        // The end comes to be told only with nothing after it.
        if (part.type === 'end') await ended(frames)
        yield { ...part, version }
      }
    }
    if (!reader.isWhole) throw new HydraError('ANSWER_INVALID', 'the answer has no end')
  }

  /** Only now, with the whole answer and a receipt that holds. Null when there is nothing to pay for. */
  async #pay(answer: AnswerFile): Promise<AskEvent | null> {
    const { receipt, signature } = answer
    // Nothing said is nothing owed: the server sees it the same way.
    if (receipt.tokens === 0) return null
    const { payments, state, journal, versions, nameOf, clock } = this.#parts
    const { chainId: _, asker: _asker, ...fields } = receipt
    const action: Query = { type: 'query', ...fields, signature }
    const cost = formatAmount(state().parameters.fees.query)
    const until = clock.now() + PAYMENT_WAIT_MS
    // A server may have been a block ahead: its version must turn out to be the chain's.
    while (!versions.isKnown(receipt.model, receipt)) {
      if (clock.now() > until)
        throw new HydraError('RECEIPT_INVALID', 'The chain never had the version that the server signed for.', {
          advice: 'Nothing was paid. Do not trust the answer.',
        })
      await this.#aMoment()
    }
    let transaction = await payments.pay(action, state())
    while (transaction === null && clock.now() <= until) {
      await this.#aMoment()
      transaction = payments.transactionFor(action.request)
    }
    if (transaction === null)
      throw new HydraError('PAYMENT_DELAYED', 'The answer is whole, but its payment was not taken yet.', {
        advice: 'The node tries again at every block; see that the balance suffices.',
      })
    journal.write('INFO', `Paid ${cost} HYDRA to ${nameOf(receipt.server)} for an answer of ${receipt.model}`)
    return { type: 'paid', transaction, cost }
  }

  #aMoment(): Promise<void> {
    return new Promise(resolve => void this.#parts.clock.after(200, resolve))
  }

  #startEvent({ model, seed }: AskRequest, server: Server, version: number): AskEvent {
    const cost = formatAmount(this.#parts.state().parameters.fees.query)
    const serverName = server.name || this.#parts.nameOf(server.address)
    return { type: 'start', model, version, server: server.address, serverName, seed, cost }
  }

  async #nobody(model: TextModel): Promise<HydraError> {
    const isHere = await this.#parts.models.isHere(model)
    const peers = this.#parts.peers.all().length
    const why = peers === 0 ? 'no peer is connected' : `of ${peers} connected peers none serves it`
    return new HydraError('NO_SERVER', `Nobody can be asked for ${model.id}: ${why}.`, {
      advice: isHere
        ? 'This node holds the model itself, and asking oneself is not paid: use --local.'
        : 'Wait for peers, or use --local for the version that came with the program.',
    })
  }

  async #tokenizer(id: Hash): Promise<Tokenizer> {
    const known = this.#tokenizers.get(id)
    if (known) return known
    const tokenizer = tokenizerOfBytes(await this.#parts.library.get(id))
    if (this.#tokenizers.size >= 8) this.#tokenizers.clear()
    this.#tokenizers.set(id, tokenizer)
    return tokenizer
  }

  #avoid(server: Server, error: HydraError): void {
    // Who is busy, or was asked too long a question, did nothing wrong.
    if (FAULTLESS.has(codeOf(error))) return
    this.#avoided.delete(server.peerId)
    this.#avoided.set(server.peerId, this.#parts.clock.now() + AVOIDED_MS)
    const [oldest] = this.#avoided.keys()
    if (this.#avoided.size > 256 && oldest !== undefined) this.#avoided.delete(oldest)
  }
}

/** @throws what the stream ends with, or ANSWER_INVALID when more comes */
async function ended(frames: AsyncIterator<Uint8Array>): Promise<void> {
  const next = await frames.next()
  if (!next.done) throw new HydraError('ANSWER_INVALID', 'something came after the end of the answer')
}

function errorEvent(error: unknown): AskEvent {
  if (!(error instanceof HydraError))
    return { type: 'error', code: 'INTERNAL', message: 'The node failed to ask.', advice: 'See its log.' }
  const { code, message, advice } = error
  return { type: 'error', code, message, ...(advice !== undefined && { advice }) }
}
