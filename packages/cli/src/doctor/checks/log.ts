import type { LogReport, StorageReport } from '@hydraai/storage'
import { moveAside } from '../aside.ts'
import type { Examination } from '../finding.ts'

/** Write-ahead logs: an unfinished last record is what a crash leaves, a bad checksum is not. */
export async function checkLogs(examination: Examination, { logs }: StorageReport): Promise<void> {
  for (const log of logs) await checkLog(examination, log)
}

async function checkLog({ folder, tell, repair }: Examination, log: LogReport): Promise<void> {
  const check = `${log.name} log`
  if (log.damage === null) {
    const torn = log.tornBytes === 0 ? '' : `, and ${log.tornBytes} bytes of one that a crash cut off: no harm`
    tell({ check, verdict: 'ok', text: `${log.records} record${log.records === 1 ? '' : 's'}${torn}` })
    return
  }
  const text = `damaged at byte ${log.damage.offset}: ${log.damage.why}`
  const advice =
    'With --repair it is moved away. The chain is not touched, and what this node has signed is kept elsewhere. Check the disk.'
  const repaired = repair ? `moved to ${await moveAside(folder, log.path)}` : undefined
  tell({ check, verdict: 'fail', text, advice, ...(repaired !== undefined && { repaired }) })
}
