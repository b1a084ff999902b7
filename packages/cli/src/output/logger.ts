import type { Logger } from '@hydraai/node'
import { pino } from 'pino'
import type { LogLevel } from '../options/values.ts'
import type { Reporter } from './reporter.ts'

const LABELS: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }
const ALWAYS_THERE = new Set(['level', 'time', 'pid', 'hostname', 'msg'])

/** The node's diagnostics on stderr: pino's JSON lines for machines, one plain line each for people. */
export function makeLogger({ level, json, reporter }: { level: LogLevel; json: boolean; reporter: Reporter }): Logger {
  const write = (line: string) => {
    const text = json ? line.trimEnd() : plainLine(line)
    if (text !== null) reporter.log(text)
  }
  const logger = pino({ level }, { write })
  return {
    debug: (message, details) => logger.debug(details ?? {}, message),
    info: (message, details) => logger.info(details ?? {}, message),
    warn: (message, details) => logger.warn(details ?? {}, message),
    error: (message, details) => logger.error(details ?? {}, message),
  }
}

/** Null for the activity log's own lines: people are shown those already. */
function plainLine(line: string): string | null {
  const record = JSON.parse(line) as Record<string, unknown>
  if ('kind' in record) return null
  const details = Object.entries(record)
    .filter(([name]) => !ALWAYS_THERE.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return [(LABELS[Number(record.level)] ?? 'log').padEnd(5), record.msg, ...details].join('  ')
}
