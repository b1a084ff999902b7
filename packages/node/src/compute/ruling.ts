import type { RulingAnswer } from '@hydraai/ledger'
import { checkLight, type LightJob, runSteps, sealAgain, segmentKeyOf, type UnitJob } from '@hydraai/training'
import type { CheckJob, RulingJob, TrainJob } from './compute.ts'

/** What every validator finds of a disputed thing: a function of the job. */
export function answerOf(
  job: RulingJob,
  inputs: { unit(job: TrainJob): UnitJob; update(job: CheckJob): LightJob },
): RulingAnswer {
  switch (job.type) {
    case 'findings':
      return { type: 'findings', findings: checkLight(inputs.update(job.check)) }
    case 'seal':
      return { type: 'seal', ...sealAgain(inputs.unit(job.unit), job.state, job.leaves) }
    case 'key':
      return { type: 'key', key: segmentKeyOf(job.state) }
    case 'step':
      return { type: 'step', after: runSteps(inputs.unit(job.unit), job.before, job.from, job.to) }
  }
}
