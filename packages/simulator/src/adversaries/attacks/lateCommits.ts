import { lawlessCommits } from '../lawlessCommits.ts'

export const lateCommits = lawlessCommits({
  name: 'late-commits',
  is: 'commits to further units when the work is over and others reveal theirs',
  unitOf: ({ phase, updates }, { address }) =>
    phase === 'work' ? null : updates.filter(({ trainer }) => trainer === address).length,
})
