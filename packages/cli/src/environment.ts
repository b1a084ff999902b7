import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the data folders of this machine's nodes lie: `~/.hydraai`, or HYDRA_HOME. */
export function homeFolder(): string {
  return process.env.HYDRA_HOME || join(homedir(), '.hydraai')
}

/** The wallet's password for machines; a person is asked instead. */
export function passwordFromEnvironment(): string | undefined {
  return process.env.HYDRA_PASSWORD || undefined
}

/** The password that `--change-password` sets, for machines. */
export function newPasswordFromEnvironment(): string | undefined {
  return process.env.HYDRA_NEW_PASSWORD || undefined
}

/** True when somebody can be asked. Questions go to stderr, so that stdout stays data. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}
