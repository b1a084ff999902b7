import type { ActorHost } from '../actor.ts'

/**
 * The peers in two halves, the same ones as long as the peers are the same: an equivocator that told everybody
 * everything at once would be caught before it did harm.
 */
export function halvesOf(host: ActorHost, turn: number): [string[], string[]] {
  const friends = new Set(host.accomplices().map(({ id }) => id))
  const others = host.peers().filter(id => !friends.has(id))
  const first = others.filter((_, i) => (i + turn) % 2 === 0)
  const second = others.filter((_, i) => (i + turn) % 2 === 1)
  return [
    [...first, ...friends],
    [...second, ...friends],
  ]
}

/** Peers that are no accomplices. */
export function victimsOf(host: ActorHost): string[] {
  const friends = new Set(host.accomplices().map(({ id }) => id))
  return host.peers().filter(id => !friends.has(id))
}
