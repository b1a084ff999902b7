import type { GossipsubOpts } from '@libp2p/gossipsub'

type MetricsRegister = NonNullable<GossipsubOpts['metricsRegister']>

/**
 * GossipSub tells the bytes it sends and receives only through its metrics. This register keeps those two and lets the
 * other hundred go.
 */
export function gossipBytes(total: { bytesSent: number; bytesReceived: number }): MetricsRegister {
  const nothing = {
    inc() {},
    set() {},
    addCollect() {},
    startTimer: () => () => {},
    observe() {},
    reset() {},
  }
  const register = {
    gauge({ name }: { name: string }) {
      if (name === 'gossipsub_rpc_sent_bytes_total') {
        return {
          ...nothing,
          inc: (bytes: number) => {
            total.bytesSent += bytes
          },
        }
      }
      if (name === 'gossipsub_rpc_recv_bytes_total') {
        return {
          ...nothing,
          inc: (bytes: number) => {
            total.bytesReceived += bytes
          },
        }
      }
      return nothing
    },
    histogram: () => nothing,
    avgMinMax: () => nothing,
  }
  return register as unknown as MetricsRegister
}
