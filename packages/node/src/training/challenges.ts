import { fromHex, type Hash, MerkleTree, type Recipe, sectionsOf } from '@hydraai/core'
import type { Challenge, Model, TracePoint } from '@hydraai/ledger'
import { payloadLeaves, segmentEnd } from '@hydraai/training'
import type { Compute } from '../compute/compute.ts'
import type { Library } from '../library.ts'
import type { FindingRecord } from './findingRecord.ts'
import type { RoundRecords } from './roundRecords.ts'
import type { UnitJobs, UnitSource } from './unitJobs.ts'

/** Makes what a replay found otherwise into something that can be narrowed down: by own states within the segment. */
export class Challenges {
  readonly #parts: {
    compute: Compute
    library: Library
    jobs: UnitJobs
    findings: RoundRecords<FindingRecord>
  }

  constructor(parts: { compute: Compute; library: Library; jobs: UnitJobs; findings: RoundRecords<FindingRecord> }) {
    this.#parts = parts
  }

  /**
   * The challenge that has to be disclosed with the findings; null when they need none. Own states are computed once.
   * @throws HydraError CONTENT_UNAVAILABLE, COMPUTE_CLOSED
   */
  async of(
    source: UnitSource,
    subject: Model,
    payload: { id: Hash; bytes: number },
    record: FindingRecord,
  ): Promise<Challenge | null> {
    const { library } = this.#parts
    const mismatch = record.findings.replay?.mismatch ?? null
    if (mismatch === null) return null
    const { recipe } = subject
    const trace = new Trace(payloadLeaves(await library.get(payload.id, { maxBytes: payload.bytes }), recipe))
    if (mismatch.type === 'seal') return { type: 'seal', after: trace.last() }
    const { segment } = mismatch
    const hashes = record.hashes ?? (await this.#states(source, subject, segment, record))
    const before = trace.point(segment - 1)
    return { type: 'trace', segment, before, after: trace.point(segment), hashes }
  }

  async #states(source: UnitSource, subject: Model, segment: number, record: FindingRecord): Promise<readonly Hash[]> {
    const { compute, jobs, findings } = this.#parts
    const job = await jobs.of(source, subject)
    const hashes = await compute.states(job, sectionsOf(...stretchOf(subject.recipe, segment)))
    await findings.put(source, { ...record, hashes })
    return hashes
  }
}

/** Steps done before a segment and after it. */
function stretchOf(recipe: Recipe, segment: number): [from: number, to: number] {
  return [segment === 0 ? 0 : segmentEnd(recipe, segment - 1), segmentEnd(recipe, segment)]
}

/** A trainer's leaves, each with its way up to the trace root. */
class Trace {
  readonly #leaves: readonly Hash[]
  readonly #tree: MerkleTree

  constructor(leaves: readonly Hash[]) {
    this.#leaves = leaves
    this.#tree = new MerkleTree(leaves.map(leaf => fromHex(leaf)))
  }

  /** The end of a segment; -1 is the start of the unit. */
  point(segment: number): TracePoint {
    return segment < 0 ? { leaf: null, proof: [] } : { leaf: this.#leaves[segment]!, proof: this.#tree.proof(segment) }
  }

  last(): TracePoint {
    return this.point(this.#leaves.length - 1)
  }
}
