/**
 * Strictly more than two thirds of the power, in integers: any two such sets share more than a third, so an honest
 * validator. The paper's 2f + 1. Powers are bounded so that neither product leaves the safe integers.
 */
export function isQuorum(power: number, total: number): boolean {
  return 3 * power > 2 * total
}

/** Strictly more than one third of the power: such a set holds an honest validator. The paper's f + 1. */
export function hasHonest(power: number, total: number): boolean {
  return 3 * power > total
}
