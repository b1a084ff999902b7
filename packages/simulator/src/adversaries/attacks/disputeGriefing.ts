import { taggedHash, utf8 } from '@hydraai/core'
import { falseVerdicts } from '../falseVerdicts.ts'

export const disputeGriefing = falseVerdicts({
  name: 'dispute-griefing',
  is: 'says of good units that their first segment is false, with states that it made up, to keep everybody busy',
  lie: found =>
    found.replay && { ...found, replay: { ...found.replay, keys: [], mismatch: { type: 'trace', segment: 0 } } },
  disclose: action => {
    const { challenge, trainer, round, unit } = action
    if (challenge?.type !== 'trace') return action
    const hashes = challenge.hashes.map((_, i) => taggedHash('made up', utf8(`state ${trainer} ${round} ${unit} ${i}`)))
    return { ...action, challenge: { ...challenge, hashes } }
  },
})
