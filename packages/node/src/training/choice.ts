import type { OpenWork } from '@hydraai/ledger'

/** A unit that the ledger still takes a commitment for. */
export type Offer = OpenWork & { readonly unit: number }

/**
 * Which of the open work of all models a trainer takes on next: the first unit of a round before a further one of
 * another, since a round waits for everyone's first; then the round that opened first, so that every model goes on; then
 * by name. Null when nothing is to be done.
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

function isBefore(a: Offer, b: Offer): boolean {
  const [first, other] = [Number(a.unit > 0), Number(b.unit > 0)]
  if (first !== other) return first < other
  if (a.openedAt !== b.openedAt) return a.openedAt < b.openedAt
  return a.model < b.model
}
