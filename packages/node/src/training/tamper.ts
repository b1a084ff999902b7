import { encode, type Findings, type Hash, hash, nullable, toHex } from '@hydraai/core'
import type { Action } from '@hydraai/ledger'
import type { Network } from '@hydraai/network'
import type { UnitKey } from './activity.ts'
import type { TamperUnit } from './finishedUnit.ts'

type ActionOf<T extends Action['type']> = Extract<Action, { type: T }>
type TamperAction<T extends Action['type']> = (action: ActionOf<T>) => ActionOf<T> | null

/** `duty` names the update and says how much of it was to be replayed. */
export type TamperVerdict = (
  findings: Findings,
  duty: UnitKey & { readonly segments: number },
) => Findings | null | Promise<Findings | null>

/** Deviations of a node's training services from the protocol. Only the simulator's and the tests' adversaries set them. */
export interface TrainingTamper {
  /** Changes a finished unit before it is committed; `means` trains another one with real code. */
  readonly unit?: TamperUnit
  /** Changes what a check found, before its digest leaves; with null no verdict is given. */
  readonly verdict?: TamperVerdict
  /** These change an action before it is sent, or keep it back with null. */
  readonly open?: TamperAction<'open'>
  readonly disclose?: TamperAction<'disclose'>
  readonly pick?: TamperAction<'pick'>
  readonly narrow?: TamperAction<'narrow'>
  /** The same for all of a node's actions, before the ones above. */
  readonly action?: (action: Action) => Action | null
  /** Whether a chunk of the content is given to the peer. */
  readonly serve?: (id: Hash, peer: string) => boolean
}

/** What becomes of an action; undefined where nothing is done to any. */
export function tamperedAction(tamper: TrainingTamper): ((one: Action) => Action | null) | undefined {
  const { action, open, disclose, pick, narrow } = tamper
  if (!action && !open && !disclose && !pick && !narrow) return undefined
  return one => {
    const said = action ? action(one) : one
    if (said?.type === 'open' && open) return open(said)
    if (said?.type === 'disclose' && disclose) return disclose(said)
    if (said?.type === 'pick' && pick) return pick(said)
    if (said?.type === 'narrow' && narrow) return narrow(said)
    return said
  }
}

/** The network as it is, but for requests of content, of which some are answered as if it were not here. */
export function withholding(network: Network, serve: NonNullable<TrainingTamper['serve']>): Network {
  const nothing = encode(nullable(hash), null)
  const handle: Network['handle'] = (protocol, limits, respond) =>
    network.handle(protocol, limits, async (request, from) =>
      serve(toHex(request.subarray(0, 32)) as Hash, from) ? respond(request, from) : nothing,
    )
  return new Proxy(network, {
    get(target, property) {
      if (property === 'handle') return handle
      const value = Reflect.get(target, property, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
