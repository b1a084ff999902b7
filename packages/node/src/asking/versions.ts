import { type Hash, HydraError } from '@hydraai/core'
import type { LedgerState } from '@hydraai/ledger'

/** Versions of each model that a server may still answer with. */
const KEPT = 3
/** By how many versions a server may be ahead of this node. */
const AHEAD = 1

interface Version {
  readonly version: number
  readonly parameters: Hash
}

/** The newest versions of each model that this node's chain has had: what an answer may be of. */
export class Versions {
  readonly #byModel = new Map<string, Version[]>()

  onState(state: LedgerState): void {
    for (const { id, version, parameters } of state.models.values()) {
      const known = this.#byModel.get(id) ?? []
      if (known.at(-1)?.version === version) continue
      this.#byModel.set(id, [...known, { version, parameters }].slice(-KEPT))
    }
  }

  isKnown(model: string, { version, parameters }: Version): boolean {
    const known = this.#byModel.get(model) ?? []
    return known.some(one => one.version === version && one.parameters === parameters)
  }

  /** @throws HydraError SERVER_BEHIND unless the chain has, or may have with its next block, that version */
  check(model: string, offered: Version): void {
    const newest = this.#byModel.get(model)?.at(-1)
    const isNext = newest !== undefined && offered.version > newest.version && offered.version <= newest.version + AHEAD
    if (isNext || this.isKnown(model, offered)) return
    throw new HydraError('SERVER_BEHIND', `version ${offered.version} is none that this node knows`)
  }
}
