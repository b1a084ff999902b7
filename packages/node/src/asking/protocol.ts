import {
  type Codec,
  encode,
  type Hash,
  hash,
  type KeyPair,
  list,
  oneOf,
  type PublicKey,
  type Signature,
  signature,
  signBytes,
  struct,
  uint,
  uintMax,
  variant,
  verifySignature,
} from '@hydraai/core'
import { type AskRequest, requestCodec } from '@hydraai/ledger'

/** The stream protocol: one signed question, then frames until the answer is whole. */
export const ASK_PROTOCOL = 'ask/1'

/** Blocks by which the heights of an asker and a server may differ: how long a signed question stays good. */
export const FRESH_BLOCKS = 10

/** A frame carries so many tokens at most. */
export const MAX_FRAME_TOKENS = 64
export const MAX_ASK_BYTES = 4_096
export const MAX_FRAME_BYTES = 1_024
export const MAX_STREAM_BYTES = 512 * 1_024

/** A question as it is sent. `height` is the asker's newest block: an old question is not answered again. */
export interface SignedRequest {
  readonly request: AskRequest
  readonly height: number
  readonly signature: Signature
}

const boundCodec = struct({ request: requestCodec, height: uint })
export const signedRequestCodec: Codec<SignedRequest> = struct({ request: requestCodec, height: uint, signature })

export function signRequest(keys: KeyPair, request: AskRequest, height: number): SignedRequest {
  return { request, height, signature: keys.sign(requestBytes({ request, height })) }
}

/** Whether the holder of `asker`, the public key of the request's asker, signed it. */
export function hasValidRequest(signed: SignedRequest, asker: PublicKey): boolean {
  return verifySignature(asker, requestBytes(signed), signed.signature)
}

function requestBytes({ request, height }: Pick<SignedRequest, 'request' | 'height'>): Uint8Array {
  return signBytes(request.chainId, 'request', encode(boundCodec, { request, height }))
}

/**
 * What a server sends: first which version answers, then tokens as they come, last how it ended and its signature over the
 * receipt. Text is not sent: the asker makes it of the tokens, so that it cannot differ from them.
 */
export type AskFrame =
  | { readonly type: 'start'; readonly version: number; readonly parameters: Hash }
  | { readonly type: 'tokens'; readonly tokens: readonly number[] }
  | { readonly type: 'end'; readonly ended: 'end' | 'length'; readonly signature: Signature }

export const askFrameCodec: Codec<AskFrame> = variant({
  start: { version: uint, parameters: hash },
  tokens: { tokens: list(uintMax(65_535), { max: MAX_FRAME_TOKENS }) },
  end: { ended: oneOf(['end', 'length']), signature },
})
