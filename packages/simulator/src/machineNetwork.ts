import { type Network, NetworkError } from '@hydraai/network'
import type { Actor, ActorHost, Outgoing } from './actor.ts'
import { type Die, never, replaced } from './fragilePorts.ts'
import type { FuseBox } from './fuse.ts'

export interface MachineNetworkParts {
  readonly network: Network
  readonly fuses: FuseBox
  readonly die: Die
  /** Sends gossip to some peers alone. */
  readonly whisper: (to: readonly string[], topic: string, data: Uint8Array) => void
  /** Everything that the node sends, before an actor sees it. */
  readonly onPublish: (topic: string, data: Uint8Array) => void
  readonly onAnswer: (protocol: string, response: Uint8Array) => void
  readonly onGossip: (topic: string, data: Uint8Array) => void
  /** What a peer answered. */
  readonly onAnswered: (protocol: string, response: Uint8Array) => void
  /** Who stands in front of the node, and what it may use once the node is open. */
  readonly actor: Actor | null
  readonly host: () => ActorHost | null
}

/** The network as a machine's node sees it: it may die at what it sends, is watched, and has its actor in front of it. */
export function machineNetwork(parts: MachineNetworkParts): Network {
  const { network, fuses, die, actor } = parts
  const send = async ({ topic, data, to }: Outgoing) => {
    const moment = fuses.strike('send')
    if (moment === 'before') {
      die()
      return never<void>()
    }
    if (to) parts.whisper(to, topic, data)
    else await network.publish(topic, data)
    if (moment === null) return
    die()
    return never<void>()
  }
  return replaced<Network>(network, {
    publish: async (topic, data) => {
      parts.onPublish(topic, data)
      const host = parts.host()
      const outgoing = host && actor?.onPublish ? actor.onPublish({ topic, data }, host) : [{ topic, data }]
      for (const message of outgoing) await send(message)
    },
    subscribe: (topic, options, onMessage) =>
      network.subscribe(topic, options, (data, from) => {
        parts.onGossip(topic, data)
        const host = parts.host()
        if (host && actor?.onGossip && !actor.onGossip({ topic, data, from }, host)) return 'ignore'
        return onMessage(data, from)
      }),
    handle: (protocol, options, respond) =>
      network.handle(protocol, options, async (request, from) => {
        const response = await respond(request, from)
        parts.onAnswer(protocol, response)
        const moment = fuses.strike('send')
        if (moment !== null) {
          die()
          return never()
        }
        const host = parts.host()
        if (!host || !actor?.onAnswer) return response
        return actor.onAnswer({ protocol, request, from, response }, host) ?? never()
      }),
    request: (peer, protocol, request, options) => {
      const host = parts.host()
      if (!host || !actor?.onRequest || actor.onRequest({ protocol, request, to: peer }, host))
        return network.request(peer, protocol, request, options).then(response => {
          parts.onAnswered(protocol, response)
          return response
        })
      return new Promise((_, reject) => {
        host.clock.after(options.timeoutMs, () =>
          reject(new NetworkError('REQUEST_TIMEOUT', `no answer from ${peer} in time`)),
        )
      })
    },
  })
}
