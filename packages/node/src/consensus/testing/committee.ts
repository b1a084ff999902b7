import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { proposalSignBytes, proposerOf, voteSignBytes } from '@hydraai/consensus'
import { type Clock, encode, type Hash, type KeyPair, keyPairFromSeed, sha256, utf8 } from '@hydraai/core'
import { findRegistrationWork, type SignedTransaction, signTransaction } from '@hydraai/ledger'
import { memoryStorage, SignerStore, SimulatedDisk, type Storage } from '@hydraai/storage'
import { tinyTask } from '@hydraai/training'
import { Chain } from '../../chain/chain.ts'
import { foundNetwork } from '../../founding/found.ts'
import { Mempool } from '../../mempool/mempool.ts'
import { silentLogger } from '../../ports.ts'
import { BlockJudge, type Candidate } from '../blocks.ts'
import { ConsensusHost } from '../host.ts'
import { consensusMessageCodec, payloadSignBytes } from '../messages.ts'
import { PartedBlock } from '../parts.ts'
import { Signer } from '../signer.ts'

export const START = 1_767_225_600_000
const wasm = readFileSync(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm')))

/** A clock that a test moves. */
export class HandClock implements Clock {
  #now = START
  #timers: { at: number; run: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    for (;;) {
      await settled()
      const next = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#now = Math.max(this.#now, next.at)
      this.#timers = this.#timers.filter(timer => timer !== next)
      next.run()
    }
    this.#now = until
  }
}

/** After every promise that can settle without a timer. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise(resolve => setImmediate(resolve))
}

/** Four founders of one network, whose messages a test signs as it likes. Nobody has transactions. */
export class TestCommittee {
  readonly keys: KeyPair[] = Array.from({ length: 4 }, (_, i) => keyPairFromSeed(sha256(utf8(`voter ${i}`))))
  readonly genesis = foundNetwork({
    validators: this.keys.map(({ publicKey }, i) => ({ name: `node${i}`, publicKey, stake: 10_000_000n })),
    tasks: [{ id: 'tiny', ...tinyTask() }],
    time: START,
    wasm,
    parameters: { blockIntervalMs: 1_000, registrationDifficulty: 4 },
  }).genesis

  /** A host with the keys of validator `index` on `disk`, and what it publishes. */
  async host(
    index: number,
    options: {
      disk?: SimulatedDisk
      clock: Clock
      publish?: (data: Uint8Array) => void
      transactions?: readonly SignedTransaction[]
      onTwin?: () => void
    },
  ) {
    const { disk = new SimulatedDisk({ random: { below: () => 0 } }), clock, publish = () => {} } = options
    const storage = memoryStorage(disk)
    const chain = await Chain.open({ genesis: this.genesis, storage })
    const keys = this.keys[index]!
    const host = new ConsensusHost({
      chain,
      judge: judgeOf(chain, clock, options.transactions),
      signer: await Signer.open(chain.chainId, keys, new SignerStore(storage.db)),
      log: await storage.openLog('consensus'),
      clock,
      logger: silentLogger,
      self: keys.address,
      publish: async data => publish(data),
      onEvidence: () => {},
      ...(options.onTwin && { onTwin: options.onTwin }),
    })
    return { host, chain, storage, disk }
  }

  /** The keys of who proposes in that round of height 1. */
  async proposer(round: number): Promise<KeyPair> {
    const committee = (await this.#chain()).committee()
    const { address } = proposerOf(committee, 1, round)
    return this.keys.find(keys => keys.address === address)!
  }

  /** A valid empty block 1 by that proposer; another for each `time`. */
  async block(proposer: KeyPair, time = START, transactions: readonly SignedTransaction[] = []): Promise<Candidate> {
    const clock: Clock = { now: () => time, after: () => () => {} }
    return judgeOf(await this.#chain(), clock, transactions).build(proposer, 0)
  }

  /** As many accounts that register: with 300 of them a block is larger than one part. */
  registrations(count: number): SignedTransaction[] {
    const { chainId, parameters } = this.genesis
    return Array.from({ length: count }, (_, i) => {
      const keys = keyPairFromSeed(sha256(utf8(`newcomer ${i}`)))
      const work = findRegistrationWork(
        { chainId, publicKey: keys.publicKey, difficulty: parameters.registrationDifficulty },
        0,
        100_000,
      )!
      return signTransaction(keys, { chainId, nonce: 0, action: { type: 'register', name: `newcomer-${i}`, work } })
    })
  }

  async #chain(): Promise<Chain> {
    const storage: Storage = memoryStorage(new SimulatedDisk({ random: { below: () => 0 } }))
    return Chain.open({ genesis: this.genesis, storage })
  }

  proposal(keys: KeyPair, round: number, candidate: Pick<Candidate, 'hash' | 'bytes'>, validRound = -1): Uint8Array {
    const proposal = { height: 1, round, valueId: candidate.hash, validRound, proposer: keys.address }
    const signature = keys.sign(proposalSignBytes(this.genesis.chainId, proposal))
    const message = { type: 'proposal' as const, proposal: { ...proposal, signature }, block: candidate.bytes }
    return encode(consensusMessageCodec, message)
  }

  /** The same for a large block: its announcement and its parts. `payload` replaces what of it is signed. */
  inParts(
    keys: KeyPair,
    round: number,
    { hash, bytes }: Pick<Candidate, 'hash' | 'bytes'>,
    payload: { bytes?: number; root?: Hash } = {},
  ): { announcement: Uint8Array; parts: Uint8Array[]; root: Hash } {
    const { chainId } = this.genesis
    const unsigned = { height: 1, round, valueId: hash, validRound: -1, proposer: keys.address }
    const proposal = { ...unsigned, signature: keys.sign(proposalSignBytes(chainId, unsigned)) }
    const parted = new PartedBlock(bytes)
    const cut = { bytes: bytes.length, root: parted.root, ...payload }
    const signed = { proposal, payload: { ...cut, signature: keys.sign(payloadSignBytes(chainId, proposal, cut)) } }
    const parts = Array.from({ length: parted.count }, (_, index) =>
      encode(consensusMessageCodec, { type: 'part', ...signed, part: parted.part(index) }),
    )
    return { announcement: encode(consensusMessageCodec, { type: 'announcement', ...signed }), parts, root: cut.root }
  }

  vote(keys: KeyPair, type: 'prevote' | 'precommit', round: number, valueId: Hash | null): Uint8Array {
    const vote = { type, height: 1, round, valueId, validator: keys.address }
    const signature = keys.sign(voteSignBytes(this.genesis.chainId, vote))
    return encode(consensusMessageCodec, { type: 'vote', vote: { ...vote, signature } })
  }
}

export function judgeOf(chain: Chain, clock: Clock, transactions: readonly SignedTransaction[] = []): BlockJudge {
  const results = { ready: () => [], confirm: async () => false }
  const mempool = new Mempool(chain.state)
  for (const transaction of transactions) mempool.addTransaction(transaction)
  return new BlockJudge({ chain, mempool, results, clock, logger: silentLogger })
}
