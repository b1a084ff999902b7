// Checks what the compiler cannot: which package may import which, and that the pure packages are pure.
// `node scripts/lint-architecture.ts [ROOT]`, by default this repository.
import { fileURLToPath } from 'node:url'
import { checkTree } from './architecture/checkTree.ts'
import { ALLOWANCES } from './architecture/rules.ts'

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url))
const findings = checkTree(root, ALLOWANCES)
for (const { file, line, rule, sentence } of findings) console.log(`${file}:${line} ${rule}: ${sentence}`)
if (findings.length > 0) {
  console.error(`The architecture lint found ${findings.length}; scripts/architecture/rules.ts says what is allowed.`)
  process.exitCode = 1
}
