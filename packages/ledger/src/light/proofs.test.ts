import { decode, encode, type Hash } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf, MODEL, person, World, withBalance } from '../../test/world.ts'
import { eventProofCodec, modelOf, proveEvent, verifyEvent } from './eventProof.ts'
import { accountProofCodec, proveAccount, verifyAccount } from './stateProof.ts'

const broken = expect.objectContaining({ code: 'PROOF_INVALID' })
const everyone = Array.from({ length: 24 }, (_, i) => person(`holder ${i}`))

/** A world in which the first `count` of them hold something, after a block. */
function worldWith(count: number): World {
  const world = new World()
  for (const [i, keys] of everyone.slice(0, count).entries()) withBalance(world, keys, BigInt(1000 + i))
  world.next()
  return world
}
/** The address in the key of an account's entry. */
const addressOfEntry = (bytes: Uint8Array) => String.fromCharCode(...bytes.subarray(12, 54))
const headerOf = (world: World) => world.blocks.at(-1)!.header

describe('the proof of an account', () => {
  it('shows the account as it is, or that there is none, for everybody, over the wire too', () => {
    fc.assert(
      fc.property(fc.nat(20), count => {
        const world = worldWith(count)
        const header = headerOf(world)
        for (const keys of [...world.founders, ...everyone]) {
          const proof = decode(accountProofCodec, encode(accountProofCodec, proveAccount(world.state, keys.address)))
          expect(verifyAccount(header, proof)).toEqual(world.account(keys) ?? null)
        }
      }),
      { numRuns: 6 },
    )
  })

  it('is worth nothing for another block, another account or with anything changed', () => {
    const world = worldWith(10)
    const header = headerOf(world)
    const [holder, other] = everyone as [(typeof everyone)[0], (typeof everyone)[0]]
    const proof = proveAccount(world.state, holder.address)
    const [entry] = proof.entries
    expect(verifyAccount(header, proof)?.balance).toBe(1000n)
    const richer = entry!.bytes.slice()
    richer[richer.length - 1]! ^= 1
    const changed = [
      { ...proof, address: other.address },
      { ...proof, address: everyone[20]!.address },
      { ...proof, count: proof.count * 2 + 1 },
      { ...proof, entries: [] },
      { ...proof, entries: [entry!, entry!] },
      { ...proof, entries: [{ ...entry!, bytes: richer }] },
      { ...proof, entries: [{ ...entry!, index: entry!.index + 1 }] },
      { ...proof, entries: [{ ...entry!, path: entry!.path.slice(1) }] },
      { ...proof, entries: [{ ...entry!, path: [...entry!.path, digestOf('x')] }] },
      { ...proof, entries: [{ ...entry!, bytes: entry!.bytes.subarray(0, 3) }] },
    ]
    for (const [i, one] of changed.entries()) expect(() => verifyAccount(header, one), `change ${i}`).toThrow(broken)
    expect(() => verifyAccount({ ...header, state: digestOf('other state') }, proof)).toThrow(broken)
  })

  it('cannot hide an account: two entries that are no neighbours show nothing, whatever count is claimed', () => {
    const world = worldWith(10)
    const header = headerOf(world)
    const { state } = world
    // Everyone's own entry, in order, to be put together into false proofs of absence.
    const present = [...state.accounts.keys()].map(address => proveAccount(state, address).entries[0]!)
    const { count } = proveAccount(state, everyone[0]!.address)
    for (const address of state.accounts.keys()) {
      for (const left of present) {
        for (const [index, claimed] of [
          [left.index, left.index + 1],
          [0, count],
        ] as const) {
          const alone = { address, count: claimed, entries: [{ ...left, index }] }
          const isOwn = alone.entries[0]!.index === left.index && address === addressOfEntry(left.bytes)
          if (!isOwn) expect(() => verifyAccount(header, alone)).toThrow(broken)
        }
        for (const right of present) {
          for (const claimed of [count, count - 1, right.index + 1]) {
            for (const shift of [0, left.index + 1 - right.index]) {
              const moved = { ...right, index: right.index + shift }
              const pair = { address, count: claimed, entries: [left, moved] }
              expect(() => verifyAccount(header, pair)).toThrow(broken)
            }
          }
        }
      }
    }
  })

  it('is refused, with the one code, for whatever a stranger makes up', () => {
    const world = worldWith(3)
    const header = headerOf(world)
    const entry = fc.record({
      index: fc.nat(40),
      bytes: fc.uint8Array({ maxLength: 40 }),
      path: fc.array(fc.constantFrom(digestOf('a'), digestOf('b'), 'zz' as Hash), { maxLength: 6 }),
    })
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 3 }), fc.nat(40), (entries, count) => {
        expect(() => verifyAccount(header, { address: everyone[0]!.address, count, entries })).toThrow(broken)
      }),
    )
  })
})

describe('the proof of an event', () => {
  const world = new World()
  world.next()
  const { events } = world.next([world.register(everyone[0]!)])
  const header = headerOf(world)

  it('shows each reward of a block from its header, over the wire too', () => {
    expect(events.map(({ type }) => type)).toContain('block-reward')
    for (const [i, event] of events.entries()) {
      const proof = decode(eventProofCodec, encode(eventProofCodec, proveEvent(events, i)))
      expect(verifyEvent(header, proof)).toEqual(event)
    }
    expect(() => proveEvent(events, events.length)).toThrow(RangeError)
  })

  it('shows no reward that was not given, and none of another block', () => {
    const index = events.findIndex(({ type }) => type === 'block-reward')
    const proof = proveEvent(events, index)
    const { event } = proof
    if (event.type !== 'block-reward') throw new Error('not the reward')
    expect(() => verifyEvent(header, { ...proof, event: { ...event, amount: event.amount + 1n } })).toThrow(broken)
    expect(() => verifyEvent(header, { ...proof, event: { ...event, account: everyone[1]!.address } })).toThrow(broken)
    expect(() => verifyEvent(header, { ...proof, index: index + 1 })).toThrow(broken)
    expect(() => verifyEvent(world.blocks[0]!.header, proof)).toThrow(broken)
  })
})

it('a header names the parameters of each model', () => {
  const world = worldWith(0)
  const { version, parameters } = world.state.models.get(MODEL)!
  expect(modelOf(headerOf(world), MODEL)).toEqual({ id: MODEL, version, parameters })
  expect(modelOf(headerOf(world), 'none')).toBeNull()
})
