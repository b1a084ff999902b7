// Compiles src/kernels to build/engine.wasm and checks that it is the engine that src/version.ts names.
//
//     node scripts/build.ts [--accept]
//
// --accept: the new hash is written to src/version.ts. Every node of a network must run the same engine.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'
import { checkModule } from './checkModule.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const versionFile = `${root}src/version.ts`
const flags = ['-O3', '--noAssert', '--enable', 'simd', '--zeroFilledMemory', '--runtime', 'stub', '--importMemory']

function fail(message: string): never {
  console.error(`engine: ${message}`)
  process.exit(1)
}

async function compile(): Promise<Uint8Array<ArrayBuffer>> {
  let output: Uint8Array | undefined
  const stderr = asc.createMemoryStream()
  const { error } = await asc.main(['src/kernels/index.ts', '--outFile', 'engine.wasm', ...flags], {
    stderr,
    readFile(name, base) {
      try {
        return readFileSync(`${base}/${name}`, 'utf8')
      } catch {
        return null
      }
    },
    writeFile(name, contents) {
      if (name === 'engine.wasm') output = contents as Uint8Array
    },
    listFiles: () => [],
  })
  if (error !== null || output === undefined) fail(`the kernels do not compile\n${stderr.toString()}`)
  return new Uint8Array(output)
}

process.chdir(root)
const wasm = await compile()
try {
  checkModule(wasm)
} catch (error) {
  fail((error as Error).message)
}
const hash = createHash('sha256').update(wasm).digest('hex')
const source = readFileSync(versionFile, 'utf8')
const expected = source.match(/ENGINE_SHA256 = '([0-9a-f]{64})'/)?.[1]
if (hash !== expected) {
  if (!process.argv.includes('--accept')) {
    fail(
      `built ${hash}, but src/version.ts names ${expected}. After a wanted change of the kernels: node scripts/build.ts --accept`,
    )
  }
  writeFileSync(versionFile, source.replace(/(ENGINE_SHA256 = ')[0-9a-f]*/, `$1${hash}`))
}
// Renamed into place: a node that starts meanwhile reads the old module or the new one, whole.
mkdirSync('build', { recursive: true })
writeFileSync('build/engine.wasm.new', wasm)
renameSync('build/engine.wasm.new', 'build/engine.wasm')
console.log(`engine: build/engine.wasm, ${wasm.length} bytes, sha256 ${hash}`)
