import { DataFolder } from '@hydraai/node'
import { examine } from '../doctor/examine.ts'
import { JsonFindings, TextFindings } from '../doctor/output.ts'
import { ExitCode } from '../exit.ts'
import { dataDirOf } from '../options/nodeOptions.ts'
import { StopRequest } from '../stopRequest.ts'

export interface DoctorFlags {
  readonly user?: string
  readonly dataDir?: string
  readonly quick?: true
  readonly repair?: true
  readonly json?: true
}

/** Enough to see that the newest blocks fit the state, in about a second. */
const QUICK_BLOCKS = 100

/** `hydra_node doctor`. Answers the exit code: 1 when a check failed. */
export async function doctor(flags: DoctorFlags): Promise<number> {
  const output = flags.json ? new JsonFindings() : new TextFindings()
  const stop = new StopRequest()
  let failed = 0
  let warned = 0
  try {
    await examine({
      folder: new DataFolder(dataDirOf(flags)),
      last: flags.quick ? QUICK_BLOCKS : Number.POSITIVE_INFINITY,
      repair: flags.repair === true,
      stop: stop.asked,
      tell(finding) {
        if (finding.verdict === 'fail' && finding.repaired === undefined) failed++
        if (finding.verdict === 'warn' && finding.repaired === undefined) warned++
        output.finding(finding)
      },
      progress: (check, done, total) => output.progress(check, done, total),
    })
    if (stop.asked.aborted) return ExitCode.interrupted
    output.finished({ failed, warned })
    return failed === 0 ? ExitCode.ok : ExitCode.failed
  } finally {
    output.clear()
    stop.release()
  }
}
