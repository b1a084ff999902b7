import { readFileSync } from 'node:fs'
import { Api } from './api.ts'
import { eventually } from './eventually.ts'
import { argumentOf, processesNaming } from './processes.ts'
import type { JsonLine, Program } from './program.ts'
import type { Workplace } from './workplace.ts'

const START_MS = 90_000

/** A node of a local network, found by looking at the processes of this machine. */
export interface Member {
  readonly name: string
  readonly pid: number
  readonly api: Api
  readonly folder: string
}

/** Starts `hydra_node devnet --json` on a folder of the workplace, with any free port for its page and, unless told otherwise, the digits alone. */
export function startDevnet(workplace: Workplace, folder: string, args: readonly string[]): Program {
  return workplace.start([
    'devnet',
    '--json',
    '--data-dir',
    folder,
    '--api-port',
    '0',
    '--models',
    'mnist-cnn',
    ...args,
  ])
}

/** The nodes that run in `folder` now; one that is being restarted is missing. */
export function membersIn(folder: string): Member[] {
  return processesNaming(folder)
    .flatMap(({ pid, args }) => {
      const name = argumentOf(args, '--user')
      const port = argumentOf(args, '--api-port')
      const path = argumentOf(args, '--data-dir')
      if (name === undefined || port === undefined || path === undefined) return []
      return [{ name, pid, folder: path, api: new Api(`http://127.0.0.1:${port}`) }]
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** All `count` nodes, once every one of them answers. */
export function membersUp(folder: string, count: number): Promise<Member[]> {
  return eventually(`${count} nodes that answer`, START_MS, async () => {
    const members = membersIn(folder)
    await Promise.all(members.map(({ api }) => api.status()))
    return members.length === count && members
  })
}

/** The first node's page, with its token. */
export async function firstPage(program: Program, folder: string): Promise<Api> {
  const { page } = await program.line('the page of the first node', START_MS, ({ event }) => event === 'ready')
  const [first] = membersIn(folder)
  return new Api(page, first && readFileSync(`${first.folder}/api-token`, 'utf8').trim())
}

/** The last line of a local network that ended: its summary. */
export function summaryOf(program: Program): JsonLine {
  return JSON.parse(program.stdout.at(-1) ?? '')
}
