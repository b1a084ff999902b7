import type { Attack } from './attack.ts'
import { backdoor } from './attacks/backdoor.ts'
import { betrayal } from './attacks/betrayal.ts'
import { colludingVoters } from './attacks/colludingVoters.ts'
import { copyAfterReveal } from './attacks/copyAfterReveal.ts'
import { copyBeforeReveal } from './attacks/copyBeforeReveal.ts'
import { copyingVoter } from './attacks/copyingVoter.ts'
import { disputeGriefing } from './attacks/disputeGriefing.ts'
import { duplicateCommits } from './attacks/duplicateCommits.ts'
import { falseLossClaim } from './attacks/falseLossClaim.ts'
import { falseTrace } from './attacks/falseTrace.ts'
import { fewerSteps } from './attacks/fewerSteps.ts'
import { forgedResidual } from './attacks/forgedResidual.ts'
import { grindingForCommittee } from './attacks/grindingForCommittee.ts'
import { grindingForData } from './attacks/grindingForData.ts'
import { inflatedNorm } from './attacks/inflatedNorm.ts'
import { lateCommits } from './attacks/lateCommits.ts'
import { lazyVoter } from './attacks/lazyVoter.ts'
import { leakedClaims } from './attacks/leakedClaims.ts'
import { noise } from './attacks/noise.ts'
import { otherData } from './attacks/otherData.ts'
import { overfit } from './attacks/overfit.ts'
import { payloadToSome } from './attacks/payloadToSome.ts'
import { rubberStamp } from './attacks/rubberStamp.ts'
import { scaledCollusion } from './attacks/scaledCollusion.ts'
import { signFlip } from './attacks/signFlip.ts'
import { staleUpdate } from './attacks/staleUpdate.ts'
import { sybilSwarmOfStake } from './attacks/sybilSwarmOfStake.ts'
import { sybilSwarmOfWork } from './attacks/sybilSwarmOfWork.ts'
import { whitewash } from './attacks/whitewash.ts'
import { withheldPayload } from './attacks/withheldPayload.ts'
import { withheldResidual } from './attacks/withheldResidual.ts'
import { zeroUpdate } from './attacks/zeroUpdate.ts'

/** Everything that the suite tries, in the order in which it is shown. */
export const ATTACKS: readonly Attack[] = [
  falseLossClaim,
  noise,
  zeroUpdate,
  staleUpdate,
  copyBeforeReveal,
  copyAfterReveal,
  overfit,
  otherData,
  fewerSteps,
  inflatedNorm,
  signFlip,
  scaledCollusion,
  backdoor,
  falseTrace,
  withheldPayload,
  payloadToSome,
  forgedResidual,
  withheldResidual,
  lazyVoter,
  rubberStamp,
  copyingVoter,
  leakedClaims,
  colludingVoters,
  disputeGriefing,
  lateCommits,
  duplicateCommits,
  grindingForData,
  grindingForCommittee,
  sybilSwarmOfWork,
  sybilSwarmOfStake,
  whitewash,
  betrayal,
]

/** @throws RangeError when there is none of that name */
export function attackOf(name: string): Attack {
  const attack = ATTACKS.find(one => one.name === name)
  if (!attack) throw new RangeError(`there is no attack ${JSON.stringify(name)}; --list names them all`)
  return attack
}
