import { taggedHash, utf8 } from '@hydraai/core'
import { falseVerdicts } from '../falseVerdicts.ts'

export const lazyVoter = falseVerdicts({
  name: 'lazy-voter',
  is: 'checks lightly, and makes up the keys where it was drawn to replay',
  lie: (found, { trainer, round, unit }) => {
    if (found.replay === null) return null
    const { segments } = found.replay
    const keys = Array.from({ length: segments }, (_, i) =>
      taggedHash('made up', utf8(`key ${trainer} ${round} ${unit} ${i}`)),
    )
    return { ...found, replay: { segments, keys, mismatch: null } }
  },
})
