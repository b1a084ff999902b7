import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const script = fileURLToPath(new URL('../scripts/expectedGain.ts', import.meta.url))
const run = (...flags: string[]) => execFileSync(process.execPath, [script, ...flags], { encoding: 'utf8' })

describe('expectedGain', () => {
  it('finds no case in which cheating pays under the default parameters', () => {
    // Exits with 1 otherwise, which throws.
    expect(run()).toMatch(/Negative everywhere\.\n$/)
  })

  it('answers for one case, and says so when it does pay', () => {
    expect(run('--stake', '10', '--units', '4')).toMatch(/1 of 4 replay at rate 0\.8181.* -0\.5948 HYDRA/)
    expect(run('--stake', '10', '--ring', '0.9')).toMatch(/expected gain 0\./)
  })
})
