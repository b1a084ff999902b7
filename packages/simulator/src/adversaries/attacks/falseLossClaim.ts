import { falseUnits } from '../falseUnits.ts'

/** Half an octave of float32 bits: a loss that is about two thirds of the true one. */
const BETTER = 1 << 22

export const falseLossClaim = falseUnits({
  name: 'false-loss-claim',
  is: 'does the unit and claims a better loss than it reached',
  forge: ({ unit, job, stage }) => {
    const honest = stage.forge.remake(unit, job, {})
    return stage.forge.remake(unit, job, { lossAfter: honest.lossAfter - BETTER })
  },
})
