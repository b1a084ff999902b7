/** What a verifier does with an update that was revealed. */
import {
  contentIdOf,
  equalBytes,
  type Findings,
  type Hash,
  isSuspicious,
  type LightFault,
  type LightFindings,
  type Replay,
  segmentsOf,
} from '@hydraai/core'
import { lossBitsOf } from './losses.ts'
import { decodePayload, type UnitPayload } from './payload.ts'
import { sealUnit, updatedBy } from './sealing.ts'
import { traceUnit, unless, unlessDiverged } from './steps.ts'
import { traceRootOf } from './trace.ts'
import type { UnitJob } from './unit.ts'

/** What the ledger holds of an update once it is revealed. */
export interface UnitClaim {
  readonly payload: Hash
  readonly payloadBytes: number
  readonly traceRoot: Hash
  readonly residual: Hash | null
}

/** An update to be checked; `UnitJob.residual` is what the ledger says the unit had to begin with. */
export interface CheckJob extends UnitJob {
  readonly claim: UnitClaim
  readonly payload: Uint8Array
  /** The probe that was drawn with the verifiers. */
  readonly freshProbe: Int32Array
  /** Bits of the base's loss on it, if they are known already. */
  readonly freshBefore?: number
  /** Bits of the model's loss on its held-out part, as it stands on the chain. */
  readonly heldOutLoss: number
  /** How many segments to replay from the start; 0: none, more than there are: all. */
  readonly segments: number
}

/** What a light check looks at. */
export type LightJob = Omit<CheckJob, 'segments' | 'heldOutLoss'>

/**
 * Everything there is to find out, replay included: all segments when the light check gives reason to. A function of its
 * inputs, so two honest verifiers never disagree. Throws only for what is wrong on this machine, such as a model
 * compiled for another batch size.
 */
export function checkUnit(job: CheckJob): Findings {
  const { light, opened } = lookAt(job)
  const all = segmentsOf(job.recipe)
  const segments = isSuspicious(light, job.heldOutLoss) ? all : Math.min(job.segments, all)
  return { ...light, replay: opened === null || segments === 0 ? null : replay(job, opened.leaves, segments) }
}

/** What can be found without a replay: one decoding and the losses on two probes. */
export function checkLight(job: LightJob): LightFindings {
  return lookAt(job).light
}

interface Look {
  readonly light: LightFindings
  /** Null with a fault. */
  readonly opened: UnitPayload | null
}

function lookAt(job: LightJob): Look {
  const opened = open(job)
  if (typeof opened === 'string') return { light: faulty(opened), opened: null }
  const light = unlessDiverged(() => lossesOf(job, opened.delta))
  return light === null ? { light: faulty('not-finite'), opened: null } : { light, opened }
}

function faulty(fault: LightFault): LightFindings {
  return { fault, lossBefore: 0, lossAfter: 0, freshBefore: 0, freshAfter: 0 }
}

function open({ claim, payload, recipe, parameters }: LightJob): UnitPayload | LightFault {
  if (payload.length !== claim.payloadBytes) return 'payload-size'
  if (contentIdOf(payload) !== claim.payload) return 'payload-hash'
  const opened = unless(['UPDATE_INVALID'], () => decodePayload(payload, recipe, parameters.length))
  if (opened === null) return 'payload-structure'
  return traceRootOf(opened.leaves) === claim.traceRoot ? opened : 'trace'
}

/** Throws NON_FINITE. */
function lossesOf(job: LightJob, delta: Float32Array): LightFindings {
  const { parameters, probe, freshProbe } = job
  let { lossBefore, freshBefore } = job
  if (lossBefore === undefined || freshBefore === undefined) {
    ;[lossBefore, freshBefore] = lossBitsOf(job, parameters, [probe, freshProbe])
  }
  const [lossAfter, freshAfter] = lossBitsOf(job, updatedBy(parameters, delta), [probe, freshProbe])
  return {
    fault: null,
    lossBefore: lossBefore!,
    lossAfter: lossAfter!,
    freshBefore: freshBefore!,
    freshAfter: freshAfter!,
  }
}

function replay(job: CheckJob, leaves: readonly Hash[], segments: number): Replay {
  const keys: Hash[] = []
  const agrees = unlessDiverged(() => {
    for (const { leaf, key } of traceUnit(job, segments)) {
      if (leaf !== leaves[keys.length]) return false
      keys.push(key)
    }
    return true
  })
  // Nobody can have come to the end of a segment that diverges.
  if (agrees !== true) return { segments, keys, mismatch: { type: 'trace', segment: keys.length } }
  const isSealed = segments < leaves.length || sealsAlike(job, leaves)
  return { segments, keys, mismatch: isSealed ? null : { type: 'seal' } }
}

/** Whether what `model` holds after the last step comes to the payload and the residual that were revealed. */
function sealsAlike(job: CheckJob, leaves: readonly Hash[]): boolean {
  const sealed = unless(['NON_FINITE', 'UPDATE_INVALID'], () => sealUnit(job, job.model.getParameters(), leaves))
  if (sealed === null || !equalBytes(sealed.payload, job.payload)) return false
  return (sealed.residual === null ? null : contentIdOf(sealed.residual)) === job.claim.residual
}
