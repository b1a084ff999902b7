import { join } from 'node:path'
import { HydraError } from '@hydraai/core'
import { z } from 'zod'
import { isTaken, readSmallFile } from '../files.ts'
import { parsePeer } from '../options/values.ts'

const MAX_BOOTSTRAP = 64

const schema = z.strictObject({ bootstrap: z.array(z.string()).max(MAX_BOOTSTRAP) })

/**
 * The bootstrap list of a data folder: `network.json`, as in `{"bootstrap": ["/dns/example.org/tcp/7777"]}`. Empty when
 * there is none. Throws NETWORK_FILE_INVALID.
 */
export async function readBootstrapList(dataDir: string): Promise<string[]> {
  const path = join(dataDir, 'network.json')
  if (!(await isTaken(path))) return []
  try {
    return schema.parse(JSON.parse(await readSmallFile(path))).bootstrap.map(parsePeer)
  } catch (cause) {
    if (cause instanceof HydraError && cause.code !== 'OPTION_INVALID') throw cause
    const why = cause instanceof HydraError ? cause.message : 'it does not look as it should.'
    throw new HydraError('NETWORK_FILE_INVALID', `${path}: ${why}`, {
      advice: 'Write it as {"bootstrap": ["/ip4/203.0.113.7/tcp/7777"]}, or delete it.',
      cause,
    })
  }
}
