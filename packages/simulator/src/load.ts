import { type Address, HydraError, type KeyPair, keyPairFromSeed, type Micro, sha256, utf8 } from '@hydraai/core'
import { type Action, accountOf, signTransaction } from '@hydraai/ledger'
import type { HydraNode } from '@hydraai/node'
import type { Machine } from './machine.ts'
import { SeededRandom } from './seededRandom.ts'
import type { World } from './world.ts'

const CLIENTS = 6
const MIN_PAUSE_MS = 150
const MAX_PAUSE_MS = 900
/** What a newcomer needs for its first stake and for fees. */
const GIFT: Micro = 1_200_000n
/** Stakers that never become fewer. */
const MIN_STAKERS = 4

export interface LoadOptions {
  readonly seed: number
  /** Machines that may be faulty: what they have at stake stays below a quarter of all. */
  readonly risky: ReadonlySet<number>
}

/**
 * What people do on a network that does not train: they send each other money, and validators come and go. Begins with
 * nothing but what blocks earn their proposers.
 */
export class Load {
  readonly #world: World
  readonly #random: SeededRandom
  readonly #risky: ReadonlySet<number>
  readonly #clients: readonly KeyPair[]
  readonly #leaving = new Map<number, 'asked' | 'gone'>()
  #running = false
  #sent = 0

  constructor(world: World, { seed, risky }: LoadOptions) {
    this.#world = world
    this.#random = new SeededRandom(seed, 5)
    this.#risky = risky
    this.#clients = Array.from({ length: CLIENTS }, (_, i) => keyPairFromSeed(sha256(utf8(`client ${i} of ${seed}`))))
  }

  /** Transactions that a node took. */
  get sent(): number {
    return this.#sent
  }

  start(): void {
    this.#running = true
    this.#later()
  }

  stop(): void {
    this.#running = false
  }

  #later(): void {
    this.#world.clock.after(this.#random.between(MIN_PAUSE_MS, MAX_PAUSE_MS), () => {
      if (!this.#running) return
      this.#act()
      this.#later()
    })
  }

  #act(): void {
    const machines = this.#world.running.filter(({ honest }) => honest)
    if (machines.length === 0) return
    const machine = this.#random.pick(machines)
    const node = machine.node!
    try {
      const draw = this.#random.below(10)
      if (draw < 4) this.#give(node)
      else if (draw < 8) this.#pay(node)
      else if (draw < 9) this.#leave(machine, node)
      else this.#join(machine, node)
    } catch (error) {
      // Refused: a full queue, a balance that was spent meanwhile. People try again.
      if (!(error instanceof HydraError)) throw error
    }
  }

  /** A machine gives to a client, or to a machine that has nothing at stake yet. */
  #give(node: HydraNode): void {
    const poor = this.#world.machines.filter(({ address }) => !accountOf(node.state, address).stake)
    if (poor.length > 0 && this.#random.below(2) === 0) this.#send(node, this.#random.pick(poor).address, GIFT)
    else this.#send(node, this.#random.pick(this.#clients).address, BigInt(this.#random.between(1, 300_000)))
  }

  #send(node: HydraNode, to: Address, amount: Micro): void {
    if (accountOf(node.state, node.address).balance < amount) return
    this.#submit(node, { type: 'transfer', to, amount, memo: '' })
  }

  /** A client pays another, by way of any node. */
  #pay(node: HydraNode): void {
    const client = this.#random.pick(this.#clients)
    const { balance } = accountOf(node.state, client.address)
    if (balance < 2n) return
    const amount = 1n + (balance * BigInt(this.#random.below(500))) / 1_000n
    const to = this.#random.pick(this.#clients).address
    const nonce = node.mempool.nextNonce(client.address)
    const { chainId } = this.#world.founding.genesis
    const action: Action = { type: 'transfer', to, amount, memo: '' }
    const tip = BigInt(this.#random.below(3)) * 1_000n
    if (amount + tip > balance) return
    node.mempool.addTransaction(signTransaction(client, { chainId, nonce, action, tip }))
    this.#sent++
  }

  /** A validator takes back all that it has at stake, unless too few, or too risky ones, would be left. */
  #leave(machine: Machine, node: HydraNode): void {
    this.#seeWhoLeft()
    const weights = this.#world.machines.map(({ index }) => (this.#leaving.has(index) ? 0n : this.#weightOf(index)))
    const own = weights[machine.index]!
    const others = weights.reduce((sum, weight) => sum + weight, 0n) - own
    const risky = weights.reduce((sum, weight, i) => sum + (this.#risky.has(i) ? weight : 0n), 0n)
    const stakers = weights.filter(weight => weight > 0n).length
    if (own === 0n || stakers <= MIN_STAKERS || 4n * risky >= others) return
    const { stake } = accountOf(node.state, node.address)
    if (stake === 0n) return
    this.#submit(node, { type: 'unstake', amount: stake })
    this.#leaving.set(machine.index, 'asked')
  }

  /** Voting power, but for a factor that all have in common. */
  #weightOf(index: number): bigint {
    const { stake, reputation } = accountOf(this.#world.checker.replica.state, this.#world.machines[index]!.address)
    return stake * BigInt(10 + reputation)
  }

  /** Whoever was asked to leave counts as gone until it has left and come back: a network that stands still takes its time. */
  #seeWhoLeft(): void {
    for (const [index, left] of this.#leaving) {
      const weight = this.#weightOf(index)
      if (left === 'asked' && weight === 0n) this.#leaving.set(index, 'gone')
      if (left === 'gone' && weight > 0n) this.#leaving.delete(index)
    }
  }

  #join(machine: Machine, node: HydraNode): void {
    const { balance } = accountOf(node.state, machine.address)
    const { minimumStake } = node.state.parameters
    if (balance < minimumStake || this.#risky.has(machine.index)) return
    this.#submit(node, { type: 'stake', amount: minimumStake })
  }

  #submit(node: HydraNode, action: Action): void {
    node.outbox.send(action)
    this.#sent++
  }
}
