import { HydraError } from '@hydraai/core'

export type NetworkErrorCode =
  | 'ADDRESS_INVALID'
  | 'CONNECTION_LOST'
  | 'CONTENT_INVALID'
  | 'CONTENT_TOO_LARGE'
  | 'CONTENT_UNAVAILABLE'
  | 'DIAL_FAILED'
  | 'LISTEN_FAILED'
  | 'MESSAGE_TOO_LARGE'
  | 'NETWORK_STATE'
  | 'NETWORK_STOPPED'
  | 'PEER_NOT_CONNECTED'
  | 'PORT_IN_USE'
  | 'PROTOCOL_UNSUPPORTED'
  | 'REQUEST_ABORTED'
  | 'REQUEST_FAILED'
  | 'REQUEST_REFUSED'
  | 'REQUEST_TIMEOUT'

export class NetworkError extends HydraError<NetworkErrorCode> {
  override name = 'NetworkError'
}

/** The short form of an unknown error for a log line or the next error's message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
