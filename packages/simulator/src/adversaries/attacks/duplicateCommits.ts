import { lawlessCommits } from '../lawlessCommits.ts'

export const duplicateCommits = lawlessCommits({
  name: 'duplicate-commits',
  is: 'commits to a unit a second time, to something else',
  unitOf: ({ phase, updates }, { address }) => {
    const done = updates.filter(({ trainer }) => trainer === address)
    return phase === 'work' && done.length > 0 ? done.at(-1)!.unit : null
  },
})
