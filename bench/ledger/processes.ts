import { type ChildProcess, fork } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sha256, toHex, utf8 } from '@hydraai/core'
import { type Genesis, genesisToJson } from '@hydraai/ledger'
import { Chain } from '@hydraai/node'
import { openDiskStorage } from '@hydraai/storage'
import { freePorts } from '../../packages/cli/src/devnet/members.ts'
import type { LongChain } from '../../packages/node/src/testing/longChain.ts'
import type { Assignment, Report, Task } from './peer.ts'

const PEER = fileURLToPath(new URL('./peer.ts', import.meta.url))
const BATCH = 100

/** A node of its own process. */
export class Peer {
  readonly port: number
  readonly #child: ChildProcess
  readonly #reports: Report[] = []

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
    child.on('message', (report: Report) => this.#reports.push(report))
  }

  static async start(options: { folder: string; genesis: Genesis; task: Task; seed?: string }): Promise<Peer> {
    const { folder, genesis, task } = options
    const genesisFile = `${folder}.genesis.json`
    await writeFile(genesisFile, genesisToJson(genesis))
    const [port = 0] = await freePorts(1)
    const child = fork(PEER, { execArgv: ['--expose-gc'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const seed = options.seed ?? toHex(sha256(utf8(folder)))
    child.send({ task, folder, genesisFile, seed, port } satisfies Assignment)
    return new Peer(child, port)
  }

  get multiaddr(): string {
    return `/ip4/127.0.0.1/tcp/${this.port}`
  }

  /** The next report. @throws Error when the process ends before, or the time is over */
  next(limitMs: number): Promise<Report> {
    return new Promise((resolve, reject) => {
      const take = () => {
        const report = this.#reports.shift()
        if (report === undefined) return
        finish()
        resolve(report)
      }
      const ended = () => {
        finish()
        reject(new Error('the process ended without a report'))
      }
      const timer = setTimeout(() => {
        finish()
        reject(new Error(`no report within ${limitMs / 1_000} s`))
      }, limitMs)
      const finish = () => {
        clearTimeout(timer)
        this.#child.off('message', take)
        this.#child.off('exit', ended)
      }
      this.#child.on('message', take)
      this.#child.on('exit', ended)
      take()
    })
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = new Promise(resolve => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await exited
  }
}

/** Writes a chain into the store of a data folder, as a node would have. */
export async function writeChain(folder: string, long: LongChain): Promise<void> {
  const storage = await openDiskStorage(join(folder, 'store'))
  try {
    const chain = await Chain.open({ genesis: long.genesis, storage })
    for (let at = 0; at < long.blocks.length; at += BATCH) await chain.appendAll(long.blocks.slice(at, at + BATCH))
  } finally {
    await storage.close()
  }
}
