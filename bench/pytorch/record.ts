// Writes the losses that PyTorch finds on small workloads to packages/engine/test/pytorchLosses.json, which the engine's
// tests compare with. To be run again when the workloads or the models of the benchmark change.
//
//     node bench/pytorch/record.ts [PYTHON]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startContestant } from '../engine/contestant.ts'
import { DOCUMENTS, SMALL_BATCH, writeWorkload } from '../engine/workloads.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'hydra-record-'))
const python = process.argv[2] ?? process.env.HYDRA_PYTHON ?? 'python3'
try {
  const losses: Record<string, number[]> = {}
  for (const name of Object.keys(DOCUMENTS)) {
    writeWorkload(folder, name, SMALL_BATCH[name]!)
    const torch = await startContestant([python, here('train.py'), folder, name])
    losses[name] = (await torch.run(20)).losses
    torch.stop()
  }
  const file = here('../../packages/engine/test/pytorchLosses.json')
  writeFileSync(file, `${JSON.stringify(losses, null, 2)}\n`)
  console.log(`wrote ${file}`)
} finally {
  rmSync(folder, { recursive: true })
}
