import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contentIdOf } from '@hydraai/core'
import { parametersOfBytes, parametersToBytes } from '@hydraai/engine'
import type { Lineage, LineageRound } from './lineage.ts'

export interface State {
  readonly done: number
  readonly parameters: Float32Array
  readonly momentum: Float32Array
}

/** What was reproduced so far, so that a stop costs one round at most. */
export class Progress {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Nothing if there is nothing, or if it is not what the lineage says of that round: then it is not gone on from. */
  async load(lineage: Lineage): Promise<State | undefined> {
    try {
      const { done } = JSON.parse(await readFile(this.#path('progress.json'), 'utf8')) as { done: number }
      const parameters = parametersOfBytes(await readFile(this.#path(`${done}.parameters`)))
      const momentum = parametersOfBytes(await readFile(this.#path(`${done}.momentum`)))
      const round: LineageRound | undefined = lineage.stages.flatMap(({ rounds }) => rounds)[done - 1]
      const same = round?.parameters === contentIdOf(parametersToBytes(parameters))
      return same && momentum.length === parameters.length ? { done, parameters, momentum } : undefined
    } catch {
      return undefined
    }
  }

  async save({ done, parameters, momentum }: State): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    await writeFile(this.#path(`${done}.parameters`), parametersToBytes(parameters))
    await writeFile(this.#path(`${done}.momentum`), parametersToBytes(momentum))
    await writeFile(this.#path('progress.new'), JSON.stringify({ done }))
    await rename(this.#path('progress.new'), this.#path('progress.json'))
    for (const what of ['parameters', 'momentum']) await rm(this.#path(`${done - 1}.${what}`), { force: true })
  }

  async clear(): Promise<void> {
    await rm(this.#path('progress.json'), { force: true })
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }
}
