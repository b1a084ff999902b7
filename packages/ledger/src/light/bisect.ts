import { LedgerError } from '../errors.ts'
import { checkParts, type LightBlock, type Trusted, trustedOf } from './lightBlock.ts'
import { type LightOptions, verifySkipping } from './verify.ts'

/** What a light client holds. A plain value; the host keeps `trusted` and fetches what `bisect` wants. */
export interface LightStore {
  /** Blocks that are believed, by height, ascending, at least one. */
  readonly trusted: readonly Trusted[]
  /** Blocks that came and are not believed yet, by height, ascending. */
  readonly fetched: readonly LightBlock[]
}

/** Believed blocks that a store keeps; the first, which the person chose, and the latest of the others. */
export const MAX_TRUSTED = 64
/** Halving a distance of 2^53 ends before. */
const MAX_FETCHED = 64

export function makeLightStore(...trusted: [Trusted, ...Trusted[]]): LightStore {
  return { trusted: trusted.toSorted((a, b) => a.height - b.height), fetched: [] }
}

/** The store with a block that came; one of the same height takes the place of what was fetched before. */
export function offerLightBlock(store: LightStore, block: LightBlock): LightStore {
  const others = store.fetched.filter(({ header }) => header.height !== block.header.height)
  const fetched = [...others, block].sort((a, b) => a.header.height - b.header.height)
  return { ...store, fetched: fetched.slice(0, MAX_FETCHED) }
}

export type Bisection =
  /** Fetch the light block of that height, `offerLightBlock` it and ask again. */
  | { readonly store: LightStore; readonly want: number }
  /** The block of the target height is believed. */
  | { readonly store: LightStore; readonly done: Trusted }

/**
 * The next step on the way to believing the block of height `target`: from the latest believed block below it as far as
 * the blocks that came allow, else what to fetch: first the target itself, then halfway. At most `target` blocks are
 * wanted, and about the logarithm of the distance when the committee changes little.
 * @throws LedgerError LIGHT_BLOCK_INVALID (`details.height` says which: whoever served it lies; go on with
 * `makeLightStore(...store.trusted)`), LIGHT_TRUST_EXPIRED, LIGHT_TRUST_MISSING when every believed block is later
 */
export function bisect(store: LightStore, target: number, now: number, options: LightOptions): Bisection {
  let { trusted, fetched } = store
  for (;;) {
    const base = trusted.findLast(({ height }) => height <= target)
    if (base === undefined) throw missing(target)
    if (base.height === target) return { store: { trusted: pruned(trusted), fetched: [] }, done: base }
    fetched = fetched.filter(({ header }) => header.height > base.height && header.height <= target)
    const next = fetched[0]
    if (next === undefined) return { store: { trusted, fetched }, want: target }
    const believed = verifySkipping(base, next, now, options)
    if (believed === null) {
      const want = base.height + Math.floor((next.header.height - base.height) / 2)
      return { store: { trusted, fetched }, want }
    }
    trusted = [...trusted, believed].sort((a, b) => a.height - b.height)
  }
}

/**
 * Believes the parent of a believed block: its hash stands in that block's header, which is all the proof it needs.
 * @throws LedgerError LIGHT_BLOCK_INVALID
 */
export function verifyParent(trusted: Trusted, parent: LightBlock): Trusted {
  checkParts(parent)
  const believed = trustedOf(parent)
  if (trusted.header === null || trusted.header.parent !== believed.hash) {
    throw new LedgerError('LIGHT_BLOCK_INVALID', `the light block is not the parent of block ${trusted.height}`)
  }
  return believed
}

function pruned(trusted: readonly Trusted[]): readonly Trusted[] {
  return trusted.length <= MAX_TRUSTED ? trusted : [trusted[0]!, ...trusted.slice(1 - MAX_TRUSTED)]
}

function missing(target: number): LedgerError {
  return new LedgerError('LIGHT_TRUST_MISSING', `no believed block is at or below height ${target}`, {
    advice: 'Walk back from a later block by its parents, or begin with an earlier block or the genesis.',
  })
}
