import { readdirSync, readFileSync } from 'node:fs'

/** A process of this machine. */
export interface RunningProcess {
  readonly pid: number
  readonly args: readonly string[]
}

/** Processes with `text` in one of their arguments. Linux only: elsewhere none are found. */
export function processesNaming(text: string): RunningProcess[] {
  if (process.platform !== 'linux') return []
  const found: RunningProcess[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const args = argumentsOf(Number(name))
    if (args.some(argument => argument.includes(text))) found.push({ pid: Number(name), args })
  }
  return found
}

/** What stands behind `flag` on a command line. */
export function argumentOf(args: readonly string[], flag: string): string | undefined {
  const at = args.indexOf(flag)
  return at === -1 ? undefined : args[at + 1]
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Empty for a process that has ended, waited for or not. */
function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean)
  } catch {
    return []
  }
}
