import type { OpenWork } from '@hydraai/ledger'

/** A unit that the ledger still takes a commitment for. */
export type Offer = OpenWork & { readonly unit: number }

/**
 * Which of the open work of all models a trainer takes on next: of the round that has the fewest units of this trainer,
 * since a round waits for everyone's first, and so that every model goes on; then of the round that opened first; then by
 * name. Null when nothing is to be done.
 */
export function chooseWork(
  work: readonly OpenWork[],
  options: { only: string | null; canTake: (offer: Offer) => boolean },
): Offer | null {
  const offers = work
    .filter((one): one is Offer => one.unit !== null)
    .filter(offer => (options.only === null || offer.model === options.only) && options.canTake(offer))
  return offers.reduce<Offer | null>((best, offer) => (best === null || isBefore(offer, best) ? offer : best), null)
}

/** Units of a trainer are numbered from 0 in each round, so the next number is how many it has there. */
function isBefore(a: Offer, b: Offer): boolean {
  if (a.unit !== b.unit) return a.unit < b.unit
  if (a.openedAt !== b.openedAt) return a.openedAt < b.openedAt
  return a.model < b.model
}
