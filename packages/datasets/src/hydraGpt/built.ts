import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeDataset, encodeDataset, type TextDataset } from '@hydraai/training'
import { loadHydraGptTask } from './hydraGptTask.ts'

const FILE = fileURLToPath(new URL('../../build/hydra-gpt.data', import.meta.url))

/** The data of hydra-gpt and its tokenizer: seconds to make, so they are made once, when the project is built. */
export async function buildHydraGptData(file = FILE): Promise<TextDataset> {
  const { dataset } = await loadHydraGptTask()
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.new`, encodeDataset(dataset))
  await rename(`${file}.new`, file)
  return dataset
}

/** What {@link buildHydraGptData} made, or makes now. */
export async function hydraGptData(file = FILE): Promise<TextDataset> {
  try {
    return decodeDataset(new Uint8Array(await readFile(file))) as TextDataset
  } catch {
    return await buildHydraGptData(file)
  }
}
