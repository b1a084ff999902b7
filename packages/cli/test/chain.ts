import { type Commit, makeCommit, voteSignBytes } from '@hydraai/consensus'
import { type KeyPair, keyPairFromSeed } from '@hydraai/core'
import { ENGINE_SHA256 } from '@hydraai/engine'
import {
  type Action,
  type Block,
  beaconAlpha,
  buildBlock,
  type ChainParameters,
  DEFAULT_PARAMETERS,
  type Genesis,
  genesisState,
  type LedgerState,
  type SignedTransaction,
  signTransaction,
} from '@hydraai/ledger'
import { Chain, DataFolder } from '@hydraai/node'
import { openDiskStorage } from '@hydraai/storage'

const VALIDATOR = keyPairFromSeed(new Uint8Array(32).fill(7))
const receiver = keyPairFromSeed(new Uint8Array(32).fill(8))

export interface SmallChain {
  readonly genesis: Genesis
  readonly blocks: readonly { readonly block: Block; readonly commit: Commit }[]
  readonly validator: KeyPair
}

/** A chain of one validator, as it would have made it: from block 2 on each holds a transfer. */
export function smallChain(
  length: number,
  options: { chainId?: string; time?: number; validator?: KeyPair; parameters?: Partial<ChainParameters> } = {},
): SmallChain {
  const { chainId = 'hydra-0000000b', time = 1_767_225_600_000, validator = VALIDATOR, parameters } = options
  const genesis: Genesis = {
    format: 'hydra-genesis/1',
    chainId,
    time,
    engine: ENGINE_SHA256,
    parameters: { ...DEFAULT_PARAMETERS, ...parameters },
    validators: [{ name: 'alice', publicKey: validator.publicKey, stake: 10_000_000n }],
    models: [],
  }
  let state = genesisState(genesis)
  const blocks: { block: Block; commit: Commit }[] = []
  for (let height = 1; height <= length; height++) {
    const transactions = height === 1 ? [] : [transferOf(genesis, validator, height - 2)]
    const built = buildNext(state, validator, blocks.at(-1)?.commit ?? null, transactions)
    state = built.state
    blocks.push({ block: built.block, commit: commitOf(genesis, validator, state) })
  }
  return { genesis, blocks, validator }
}

function buildNext(
  state: LedgerState,
  validator: KeyPair,
  lastCommit: Commit | null,
  transactions: SignedTransaction[],
) {
  return buildBlock(state, {
    proposer: validator.address,
    beaconProof: validator.prove(beaconAlpha(state)),
    time: state.time + 1_000,
    transactions,
    results: [],
    lastCommit,
  })
}

function transferOf({ chainId }: Genesis, validator: KeyPair, nonce: number): SignedTransaction {
  const action: Action = { type: 'transfer', to: receiver.address, amount: 10n, memo: '' }
  return signTransaction(validator, { chainId, nonce, action })
}

function commitOf({ chainId }: Genesis, validator: KeyPair, { height, blockHash }: LedgerState): Commit {
  const vote = { type: 'precommit' as const, height, round: 0, valueId: blockHash, validator: validator.address }
  const signature = validator.sign(voteSignBytes(chainId, vote))
  return makeCommit(height, 0, blockHash, [{ ...vote, signature }])
}

/** A data folder that holds the chain, as a node leaves it that has ended. */
export async function folderWithChain(path: string, { genesis, blocks }: SmallChain): Promise<DataFolder> {
  const folder = new DataFolder(path)
  await folder.pin(genesis)
  const storage = await openDiskStorage(folder.storeFolder)
  const chain = await Chain.open({ genesis, storage })
  await chain.appendAll(blocks)
  await storage.close()
  return folder
}
