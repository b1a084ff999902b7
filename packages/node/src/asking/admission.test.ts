import { CounterRandom, encode, hashOf, keyPairFromSeed, taggedHash, utf8, ZERO_HASH } from '@hydraai/core'
import { genesisState, type LedgerState } from '@hydraai/ledger'
import { memoryStorage, SimulatedDisk } from '@hydraai/storage'
import { describe, expect, it } from 'vitest'
import { AskAdmission } from './admission.ts'
import { Debts } from './debts.ts'
import { signedRequestCodec, signRequest } from './protocol.ts'
import { AskNetwork, MODEL } from './testing/world.ts'

const network = new AskNetwork({ founders: 4 })
const self = keyPairFromSeed(new Uint8Array(32).fill(9)).address
const genesis = genesisState(network.genesis)
let count = 0

/** The genesis state at `height`, with means for every founder. */
function stateAt(height: number, balance = 1_000_000n): LedgerState {
  const accounts = new Map([...genesis.accounts].map(([address, account]) => [address, { ...account, balance }]))
  return { ...genesis, height, accounts }
}

function question(asker: number, height: number, nonce = hashOf(utf8(`${count++}`))): Uint8Array {
  const keys = network.keys(asker)
  const sampling = { temperaturePpm: 0, topK: 0, topPPpm: 1_000_000, seed: ZERO_HASH, maxTokens: 8 }
  const request = {
    ...{ chainId: genesis.chainId, model: MODEL, asker: keys.address, server: self, nonce },
    ...{ question: 'What is a key?', mode: 'answer' as const, ...sampling },
  }
  return encode(signedRequestCodec, signRequest(keys, request, height))
}

function noDebts(): Promise<Debts> {
  const disk = new SimulatedDisk({ random: new CounterRandom(taggedHash('admission test', utf8('disk'))) })
  return Debts.open(memoryStorage(disk).db)
}

const admission = async () => new AskAdmission({ self, debts: await noDebts() })

const codeOf = (admit: () => unknown): string => {
  try {
    admit()
    return 'none'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('who is answered', () => {
  it('is at most two at a time, and one of each asker', async () => {
    const door = await admission()
    const admit = (asker: number) => codeOf(() => door.admit(question(asker, 5), stateAt(5)))
    expect([admit(0), admit(0), admit(1), admit(2)]).toEqual(['none', 'ASKER_BUSY', 'none', 'SERVER_BUSY'])
    door.release(network.keys(0).address)
    expect(admit(2)).toBe('none')
  })

  it('can pay', async () => {
    const door = await admission()
    expect(codeOf(() => door.admit(question(0, 5), stateAt(5, 499_999n)))).toBe('ASKER_POOR')
    expect(codeOf(() => door.admit(question(0, 5), stateAt(5, 500_000n)))).toBe('none')
  })

  it('can pay for what is owed already, too', async () => {
    const debts = await noDebts()
    const door = new AskAdmission({ self, debts })
    await debts.add({ asker: network.keys(0).address, request: ZERO_HASH, height: 5 })
    expect(codeOf(() => door.admit(question(0, 5), stateAt(5, 999_999n)))).toBe('ASKER_POOR')
    expect(codeOf(() => door.admit(question(0, 5), stateAt(5, 1_000_000n)))).toBe('none')
  })

  it('asks anew: one question is taken once, however long ago it was, as long as it counts as fresh', async () => {
    const door = await admission()
    const bytes = question(0, 20)
    const at = (height: number) => {
      const code = codeOf(() => door.admit(bytes, stateAt(height)))
      door.release(network.keys(0).address)
      return code
    }
    expect([at(9), at(10), at(11), at(30), at(31)]).toEqual([
      'ASK_STALE',
      'none',
      'ASK_REPLAYED',
      'ASK_REPLAYED',
      'ASK_STALE',
    ])
  })

  it('stays to the end: who leaves answers again and again has to wait', async () => {
    const door = await admission()
    const { address } = network.keys(0)
    const ask = (height: number) => {
      const code = codeOf(() => door.admit(question(0, height), stateAt(height)))
      door.release(address)
      return code
    }
    for (let i = 0; i < 8; i++) {
      expect(ask(100)).toBe('none')
      door.left(address, 100)
    }
    expect(ask(101)).toBe('ASKER_LEAVES')
    expect(ask(161)).toBe('none')
  })
})
