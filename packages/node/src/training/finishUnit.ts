import { sealOf, segmentKeysRoot } from '@hydraai/core'
import type { TrainedUnit } from '@hydraai/training'
import type { TamperedUnit, TamperUnit, UnitMeans } from './finishedUnit.ts'
import type { Plant } from './plants.ts'

/** A trained unit as it is committed, revealed and opened; with a plant, its seal holds the false claim. */
export async function finishUnit(parts: {
  trained: TrainedUnit
  residualBefore: TamperedUnit['residualBefore']
  plant: Plant | null
  means: UnitMeans
  tamper?: TamperUnit
}): Promise<TamperedUnit> {
  const { trained, residualBefore, plant, means, tamper } = parts
  const { lossBefore, keys } = trained
  const lossAfter = plant === null ? trained.lossAfter : plant.claimed
  const honest: TamperedUnit = {
    trainer: means.job.id.trainer,
    payload: trained.payloadId,
    payloadBytes: trained.payload.length,
    traceRoot: trained.traceRoot,
    residualBefore,
    residual: trained.residualId,
    commitment: trained.commitment,
    seal: plant === null ? trained.seal : sealOf({ lossBefore, lossAfter, keysRoot: segmentKeysRoot(keys) }),
    lossBefore,
    lossAfter,
    keys: [...keys],
    planted: plant && { lossAfter: trained.lossAfter, proof: plant.proof },
    bytes: trained.payload,
    residualBytes: trained.residual,
  }
  return tamper ? tamper(honest, means) : honest
}
