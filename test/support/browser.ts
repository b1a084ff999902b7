import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import chromium, { inflate } from '@sparticuz/chromium'
import { type Browser, type BrowserContextOptions, type Page, chromium as playwright } from 'playwright-core'

/** Not for a page under test: they switch off the origin checks, or end the browser with its first page. */
const unwanted = ['--single-process', '--no-zygote', '--disable-web-security', '--allow-running-insecure-content']
const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
]

/** Headless Chromium out of its npm package. */
export async function launchBrowser(): Promise<Browser> {
  const args = [...chromium.args.filter(arg => !unwanted.includes(arg)), ...quiet]
  const executablePath = await chromium.executablePath()
  try {
    return await playwright.launch({ executablePath, args })
  } catch (error) {
    if (!/loading shared libraries/.test(String(error))) throw error
    return playwright.launch({ executablePath, args, env: await bundledLibraries() })
  }
}

/** The system libraries that the package carries for machines which have none of a desktop's, such as NSS. */
async function bundledLibraries(): Promise<Record<string, string>> {
  const entry = fileURLToPath(import.meta.resolve('@sparticuz/chromium'))
  await inflate(join(dirname(entry), '..', 'bin', 'al2023.tar.br'))
  const path = join(tmpdir(), 'al2023', 'lib')
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { ...Object.fromEntries(inherited), LD_LIBRARY_PATH: path }
}

/** How long a test waits for what a page is to show. */
const PATIENCE_MS = 120_000

export interface OpenPage {
  readonly page: Page
  /** Console errors and uncaught exceptions so far. */
  readonly errors: string[]
  close(): Promise<void>
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  // On a busy machine what a page shows may have to wait for a unit of training.
  page.setDefaultTimeout(PATIENCE_MS)
  const errors: string[] = []
  page.on('console', message => {
    if (message.type() === 'error') errors.push(message.text())
  })
  page.on('pageerror', error => errors.push(String(error)))
  await page.goto(url)
  return { page, errors, close: () => context.close() }
}
