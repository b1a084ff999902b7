import { commitCodec } from '@hydraai/consensus'
import { decode, equalBytes, HydraError } from '@hydraai/core'
import { type Block, blockCodec, noteSignature, type SignedTransaction, signatureClaim } from '@hydraai/ledger'
import { type Chain, type IncomingBlock, SignatureWorkers } from '@hydraai/node'
import { type ChainEntry, damaged } from './readChainFile.ts'

/** Blocks that are written together, and their bytes: what a crash can lose, and what is held in memory. */
const GROUP_BLOCKS = 32
const GROUP_BYTES = 8 * 1024 * 1024

type Signatures = Pick<SignatureWorkers, 'check' | 'close'>

/**
 * Takes the blocks of a chain file into a chain, in groups: while one is applied and written, the signatures of the next
 * are checked on other threads. Whatever is wrong with a block is told as its height in the file, the first one first.
 */
export class ChainIntake {
  readonly #chain: Chain
  readonly #file: string
  readonly #signatures: Signatures
  #group: { block: IncomingBlock; checked: Promise<void> }[] = []
  #groupBytes = 0
  #appending: Promise<void> = Promise.resolve()
  #failure: { readonly error: unknown } | null = null

  /** @param signatures what checks them ahead; closed when the intake is finished */
  constructor(chain: Chain, file: string, signatures: Signatures = new SignatureWorkers()) {
    this.#chain = chain
    this.#file = file
    this.#signatures = signatures
  }

  /** The block after those given before. Resolves when there is room for the next. Throws CHAIN_FILE_DAMAGED. */
  async add({ height, block, commit }: ChainEntry): Promise<void> {
    if (this.#failure) throw this.#failure.error
    let incoming: IncomingBlock
    try {
      const raw = { block, commit }
      incoming = { block: decode(blockCodec, block), commit: decode(commitCodec, commit), raw }
    } catch (error) {
      await this.#flush()
      await this.#settle()
      throw this.#asDamage(height, error)
    }
    this.#group.push({ block: incoming, checked: this.#check(incoming.block.transactions) })
    this.#groupBytes += block.length
    if (this.#group.length >= GROUP_BLOCKS || this.#groupBytes >= GROUP_BYTES) await this.#flush()
  }

  /** A block that the chain has already must be the same one. Throws CHAIN_FILE_DAMAGED. */
  async compare({ height, block }: ChainEntry): Promise<void> {
    const stored = await this.#chain.rawBlockAt(height)
    if (stored && !equalBytes(stored.block, block)) throw damaged(this.#file, height, this.#whyDifferent(block))
  }

  /** Takes in what still waits. Throws CHAIN_FILE_DAMAGED. */
  async finish(): Promise<void> {
    try {
      if (!this.#failure) await this.#flush()
      await this.#settle()
    } finally {
      await this.#signatures.close()
    }
  }

  /** Hands the group over once the one before is written. */
  async #flush(): Promise<void> {
    const group = this.#group
    this.#group = []
    this.#groupBytes = 0
    await this.#appending
    if (this.#failure || group.length === 0) return
    this.#appending = this.#append(group).catch(error => {
      this.#failure = { error }
    })
  }

  async #settle(): Promise<void> {
    await this.#appending
    if (this.#failure) throw this.#failure.error
  }

  async #append(group: readonly { block: IncomingBlock; checked: Promise<void> }[]): Promise<void> {
    await Promise.all(group.map(({ checked }) => checked))
    try {
      await this.#chain.appendAll(group.map(({ block }) => block))
    } catch (error) {
      throw this.#asDamage(this.#chain.height + 1, error)
    }
  }

  /** Ahead of the ledger, which asks for each signature and finds it answered. */
  async #check(transactions: readonly SignedTransaction[]): Promise<void> {
    const answers = await this.#signatures.check(transactions.map(signatureClaim))
    for (const [i, answer] of answers.entries()) if (answer !== null) noteSignature(transactions[i]!, answer)
  }

  #asDamage(height: number, error: unknown): unknown {
    if (!(error instanceof HydraError) || error.code.startsWith('STORAGE_')) return error
    return damaged(this.#file, height, error.message.replace(/\.$/, ''), error)
  }

  #whyDifferent(bytes: Uint8Array): string {
    let block: Block
    try {
      block = decode(blockCodec, bytes)
    } catch {
      return 'the file is altered there'
    }
    return block.header.chainId === this.#chain.chainId
      ? 'it is not the block that this folder has at that height'
      : 'it is a block of another chain'
  }
}
