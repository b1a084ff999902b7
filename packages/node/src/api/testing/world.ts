import { readFileSync } from 'node:fs'
import { request as httpRequest, type OutgoingHttpHeaders } from 'node:http'
import { fileURLToPath } from 'node:url'
import {
  type Clock,
  CounterRandom,
  type KeyPair,
  keyPairFromSeed,
  type Recipe,
  sha256,
  taggedHash,
  utf8,
} from '@hydraai/core'
import type { ChainParameters } from '@hydraai/ledger'
import { SimulatedSwitch } from '@hydraai/network'
import { BlobStore, memoryStorage, SimulatedDisk } from '@hydraai/storage'
import { tinyTask } from '@hydraai/training'
import { InlineCompute } from '../../compute/inline.ts'
import { Workbench } from '../../compute/workbench.ts'
import { type Founding, foundNetwork } from '../../founding/found.ts'
import { HydraNode, type NodeOptions } from '../../node.ts'
import { silentLogger } from '../../ports.ts'
import { systemClock } from '../../process/systemClock.ts'
import { ApiServer } from '../apiServer.ts'

export const TOKEN = 'a-token-for-tests'
const STAKE = 10_000_000n
const wasm = readFileSync(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm')))

/** Networks of real nodes on the wall clock, in memory, with the tiny task: for tests of what they serve. */
export class TestNetwork {
  readonly founding: Founding
  readonly #seeds: Uint8Array[]
  readonly #wires: SimulatedSwitch
  readonly #bench = new Workbench(wasm)
  readonly #closers: (() => Promise<void>)[] = []

  constructor(options: { validators?: number; parameters?: Partial<ChainParameters>; recipe?: Partial<Recipe> } = {}) {
    const { validators = 1, parameters } = options
    const task = tinyTask()
    this.#seeds = Array.from({ length: validators }, (_, i) => sha256(utf8(`api test ${i}`)))
    this.founding = foundNetwork({
      validators: this.#seeds.map((seed, i) => ({
        name: `node${i}`,
        publicKey: keyPairFromSeed(seed).publicKey,
        stake: STAKE,
      })),
      tasks: [{ id: 'tiny', ...task, recipe: { ...task.recipe, ...options.recipe } }],
      time: Date.now() - 1_000,
      wasm,
      parameters: { blockIntervalMs: 50, registrationDifficulty: 4, ...parameters },
    })
    this.#wires = new SimulatedSwitch({ clock: systemClock, random: random('wires') })
  }

  disk(): SimulatedDisk {
    return new SimulatedDisk({ random: random('disk') })
  }

  keys(index: number): KeyPair {
    return keyPairFromSeed(this.#seeds[index] ?? sha256(utf8(`newcomer ${index}`)))
  }

  /** A running node. Index 0 on are the founders; any other is a newcomer. */
  async node(
    index: number,
    options: { disk?: SimulatedDisk; clock?: Clock; trains?: boolean; options?: Partial<NodeOptions> } = {},
  ) {
    const { disk = this.disk(), clock = systemClock, trains = true } = options
    const storage = memoryStorage(disk)
    const blobs = new BlobStore(storage.db)
    for (const blob of this.founding.blobs) await blobs.put(blob)
    const durations = { trainMs: 5, verifyMs: 5, aggregateMs: 5 }
    const node = await HydraNode.open(
      { genesis: this.founding.genesis, name: `node${index}`, trains, ...options.options },
      {
        clock,
        network: this.#wires.network(`node${index}`),
        storage,
        compute: new InlineCompute({ bench: this.#bench, clock, durations }),
        keys: this.keys(index),
        logger: silentLogger,
        random: Math.random,
      },
    )
    this.#closers.unshift(() => node.stop())
    await node.start()
    return node
  }

  async serve(node: HydraNode, options: { staticFolder?: string; port?: number } = {}): Promise<Served> {
    const server = new ApiServer({ port: 0, token: TOKEN, ...options }, { node, logger: silentLogger })
    this.#closers.unshift(() => server.stop())
    const { port } = await server.start()
    return new Served(server, port)
  }

  async close(): Promise<void> {
    for (const close of this.#closers) await close()
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
  readonly json: any
}

/** A server and a plain HTTP client for it, which can send what fetch refuses to. */
export class Served {
  readonly server: ApiServer
  readonly port: number

  constructor(server: ApiServer, port: number) {
    this.server = server
    this.port = port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get(path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    return this.send('GET', path, { headers })
  }

  post(path: string, body: unknown, headers: OutgoingHttpHeaders = { authorization: `Bearer ${TOKEN}` }) {
    return this.send('POST', path, {
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  }

  send(method: string, path: string, options: { headers?: OutgoingHttpHeaders; body?: string } = {}): Promise<Answer> {
    const { headers = {}, body } = options
    return new Promise((resolve, reject) => {
      const sent = httpRequest({ host: '127.0.0.1', port: this.port, method, path, headers }, response => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', chunk => {
          text += chunk
        })
        response.on('error', reject)
        response.on('end', () => {
          const isJson = String(response.headers['content-type']).startsWith('application/json')
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: isJson ? JSON.parse(text) : undefined,
          })
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }
}

/** Waits, bounded, until `found` gives something. */
export async function eventually<T>(
  what: string,
  found: () => T | Promise<T>,
  timeoutMs = 15_000,
): Promise<NonNullable<T>> {
  const until = Date.now() + timeoutMs
  for (;;) {
    const value = await found()
    if (value !== undefined && value !== null && value !== false) return value as NonNullable<T>
    if (Date.now() > until) throw new Error(`${what} did not happen within ${timeoutMs} ms`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

function random(what: string): CounterRandom {
  return new CounterRandom(taggedHash('api tests', utf8(what)))
}
