import { falseUnits } from '../falseUnits.ts'

export const forgedResidual = falseUnits({
  name: 'forged-residual',
  is: 'does the unit, and commits to another rest of the compression than was left over, to add it to a later update',
  scene: 'sparse',
  forge: ({ unit, job, stage: { forge } }) => {
    if (unit.residualBytes === null) return null
    const other = unit.residualBytes.slice()
    const last = other.length - 1
    other[last] = other[last] === 127 ? 126 : other[last]! + 1
    return forge.remake(unit, job, { residualBytes: other })
  },
})
