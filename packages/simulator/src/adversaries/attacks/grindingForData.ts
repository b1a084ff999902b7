import { lawlessCommits } from '../lawlessCommits.ts'

export const grindingForData = lawlessCommits({
  name: 'grinding-for-data',
  is: 'commits out of turn to the unit whose data suit it best, in place of the next one',
  unitOf: ({ phase, updates, number }, { address }, { models }) => {
    const next = updates.filter(({ trainer }) => trainer === address).length
    const { maxUnitsPerRound } = [...models.values()][0]!.recipe
    return phase === 'work' && next === 0 ? 1 + (number % (maxUnitsPerRound - 1)) : null
  },
})
