import type { Network } from '@hydraai/network'

/** The same network, with everything it publishes shown to `watch` first. */
export function tapped(network: Network, watch: (message: { topic: string; data: Uint8Array }) => void): Network {
  return new Proxy(network, {
    get(target, property) {
      const value = Reflect.get(target, property, target)
      if (property === 'publish')
        return (topic: string, data: Uint8Array) => {
          watch({ topic, data })
          return target.publish(topic, data)
        }
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
