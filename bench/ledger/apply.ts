import { proposerOf } from '@hydraai/consensus'
import { clearSignatureMemo, decode, encode, type KeyPair, signBytes, utf8, verifySignature } from '@hydraai/core'
import {
  applyBlock,
  beaconAlpha,
  blockCodec,
  buildBlock,
  committeeOf,
  type LedgerState,
  signTransaction,
} from '@hydraai/ledger'
import { person, World, withBalance } from '../../packages/ledger/test/world.ts'
import { type BenchOptions, type Figure, median } from './figure.ts'

const ACCOUNTS = 1_000
/** The system counts processor time in steps of some milliseconds. */
const SAMPLE_MS = 500

/**
 * Transfers a second through `applyBlock` on one core. The blocks are decoded from bytes, so nothing is remembered of them,
 * and the memo of signatures is emptied before each: every signature is checked.
 */
export async function measureApply({ quick, say }: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = []
  const core = signatureRate()
  for (const size of quick ? [100] : [100, 1_000, 4_000]) {
    say(`applying blocks of ${size} transfers`)
    const { state, block } = prepare(size)
    const rates = (run: () => void) => Array.from({ length: quick ? 1 : 5 }, () => size * perSecond(run))
    const decoding = rates(() => decode(blockCodec, block))
    // Decoded anew each time, and that time taken off again: what was applied once is remembered by identity.
    const both = rates(() => {
      clearSignatureMemo()
      applyBlock(state, decode(blockCodec, block))
    })
    const whole = median(both)
    const rate = 1 / (1 / whole - 1 / median(decoding))
    figures.push({
      name: `transfers applied, blocks of ${size}`,
      value: rate,
      unit: 'a second',
      goal: { atLeast: 5_000 },
      note: `${(rate / core).toFixed(2)} of the ${Math.round(core)} signatures that this core checks; with decoding ${Math.round(whole)}`,
    })
  }
  return figures
}

function prepare(size: number): { state: LedgerState; block: Uint8Array } {
  const world = new World()
  const people = Array.from({ length: ACCOUNTS }, (_, i) => person(`person ${i}`))
  for (const keys of people) withBalance(world, keys, 1_000_000n)
  const { state } = world
  const nonces = new Map<KeyPair, number>()
  const transactions = Array.from({ length: size }, (_, i) => {
    const from = people[i % ACCOUNTS]!
    const nonce = nonces.get(from) ?? 0
    nonces.set(from, nonce + 1)
    const to = people[(7 * i + 1) % ACCOUNTS]!.address
    return signTransaction(from, {
      chainId: state.chainId,
      nonce,
      action: { type: 'transfer', to, amount: 1n, memo: '' },
    })
  })
  const proposer = world.founders.find(keys => keys.address === proposerOf(committeeOf(state), 1, 0).address)!
  const built = buildBlock(state, {
    proposer: proposer.address,
    beaconProof: proposer.prove(beaconAlpha(state)),
    time: state.time + 10_000,
    transactions,
    results: [],
    lastCommit: null,
  })
  if (built.block.transactions.length !== size)
    throw new Error(`only ${built.block.transactions.length} fit into a block`)
  return { state, block: encode(blockCodec, built.block) }
}

/** Ed25519 checks a second of messages as long as a transfer, each a new one. */
function signatureRate(): number {
  const keys = person('signer')
  const messages = Array.from({ length: 500 }, (_, i) =>
    signBytes('hydra-0badcafe', 'transaction', utf8(`${i}`.padStart(180))),
  )
  const signed = messages.map(message => ({ message, signature: keys.sign(message) }))
  const check = () => {
    clearSignatureMemo()
    for (const { message, signature } of signed) verifySignature(keys.publicKey, message, signature)
  }
  return signed.length * perSecond(check)
}

/** How often something runs in a second of processor time, by as many runs as take a while. */
function perSecond(run: () => void): number {
  run()
  const began = cpuMs()
  let runs = 0
  let took = 0
  while (took < SAMPLE_MS) {
    run()
    runs++
    took = cpuMs() - began
  }
  return (1_000 * runs) / took
}

/** Processor time of this thread, ms: on a machine that does other things as well, the clock says little of a core. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
