import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'vite'
import { expect, test } from 'vitest'
import { launchBrowser } from '../../../test/support/browser.ts'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
const README = readFileSync(path('../README.md'), 'utf8')

/** The examples of the README in a language, in order. */
const examples = (language: string): string[] =>
  [...README.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(match => match[1]!)

async function run(script: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: path('..'),
    timeout: 60_000,
  })
  return stdout.trim()
}

const [xor, answer] = examples('js')
const [page] = examples('html')
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' }

/** Bundles the page as Vite does and opens it, isolated: its title. */
async function show(html: string): Promise<string> {
  const [root, outDir] = [path('../build/readme/page'), path('../build/readme/site')]
  rmSync(path('../build/readme'), { recursive: true, force: true })
  mkdirSync(root, { recursive: true })
  writeFileSync(`${root}/index.html`, `<!doctype html>\n${html}`)
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: { outDir, target: 'es2022' },
    worker: { format: 'es' },
  })
  const server = createServer(async (request, response) => {
    const name = request.url === '/' ? '/index.html' : (request.url ?? '').replaceAll('..', '')
    const body = await readFile(outDir + name).catch(() => null)
    response.writeHead(body === null ? 404 : 200, {
      'content-type': TYPES[extname(name)] ?? 'text/plain',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    })
    response.end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const browser = await launchBrowser()
  try {
    const tab = await browser.newPage()
    const problems: string[] = []
    tab.on('pageerror', error => problems.push(error.message))
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await expect.poll(async () => problems.join() || (await tab.title()), { timeout: 20_000 }).not.toBe('')
    expect(problems).toEqual([])
    return await tab.title()
  } finally {
    await browser.close()
    await new Promise(resolve => server.close(resolve))
  }
}

test('the examples for Node and for a page train to the same loss, the page on two threads', async () => {
  const [, node] = (await run(xor!)).match(/^4 of 4 after 200 steps, loss (.+)$/)!
  const [, loss] = (await show(page!)).match(/^4 of 4 on 2 threads, loss (.+)$/)!
  expect(loss).toBe(node)
  expect(Number(loss)).toBeLessThan(0.01)
}, 60_000)

test('the example of a language model answers what it was taught', async () => {
  expect(await run(answer!)).toBe('A fingerprint of bytes.')
})

test('the README has no other examples', () => {
  expect([examples('js').length, examples('html').length, README.match(/^```/gm)!.length]).toEqual([2, 1, 6])
})
