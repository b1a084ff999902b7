export { CONTENT_PROTOCOL, type FetchOptions, fetchContent, serveContent } from './content.ts'
export type { NetworkCounters, ProtocolCounters, Refusal, TopicCounters } from './counters.ts'
export { NetworkError, type NetworkErrorCode } from './errors.ts'
export { type Libp2pNetworkOptions, libp2pNetwork } from './libp2p/libp2pNetwork.ts'
export { DEFAULT_LIMITS, MAX_BODY_BYTES, MAX_GOSSIP_BYTES, type NetworkLimits } from './limits.ts'
export type {
  MessageHandler,
  Network,
  NetworkLogger,
  PeerChange,
  PeerInfo,
  RequestHandler,
  RequestOptions,
  StreamHandler,
  StreamRequestOptions,
  StreamServeOptions,
  Validation,
} from './network.ts'
export { SimulatedSwitch, type SimulatedSwitchOptions, type SwitchConditions } from './simulated/simulatedSwitch.ts'
