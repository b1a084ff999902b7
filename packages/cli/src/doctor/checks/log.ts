import { decode } from '@hydraai/core'
import { logRecordCodec } from '@hydraai/node'
import type { LogReport, StorageReport } from '@hydraai/storage'
import { moveAside } from '../aside.ts'
import type { Examination } from '../finding.ts'

/** Write-ahead logs: an unfinished last record is what a crash leaves, a bad checksum is not. */
export async function checkLogs(examination: Examination, { logs }: StorageReport): Promise<void> {
  for (const log of logs) await checkLog(examination, log)
}

async function checkLog({ folder, tell, repair }: Examination, log: LogReport): Promise<void> {
  const check = `${log.name} log`
  const text = problemOf(log)
  if (text === null) {
    const count = log.records.length
    const torn = log.tornBytes === 0 ? '' : `, and ${log.tornBytes} bytes of one that a crash cut off: no harm`
    tell({ check, verdict: 'ok', text: `${count} record${count === 1 ? '' : 's'}${torn}` })
    return
  }
  const advice =
    'With --repair it is moved away. The chain is not touched, and what this node has signed is kept elsewhere. Check the disk.'
  const repaired = repair ? `moved to ${await moveAside(folder, log.path)}` : undefined
  tell({ check, verdict: 'fail', text, advice, ...(repaired !== undefined && { repaired }) })
}

function problemOf({ name, damage, records }: LogReport): string | null {
  if (damage !== null) return `damaged at byte ${damage.offset}: ${damage.why}`
  if (name !== 'consensus') return null
  const bad = records.findIndex(record => !isLogRecord(record))
  return bad < 0 ? null : `record ${bad + 1} of ${records.length} is none that this release knows`
}

function isLogRecord(bytes: Uint8Array): boolean {
  try {
    decode(logRecordCodec, bytes)
    return true
  } catch {
    return false
  }
}
