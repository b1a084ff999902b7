import chromium from '@sparticuz/chromium'
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

export async function launchBrowser(): Promise<Browser> {
  const args = [...chromium.args.filter(arg => !unwanted.includes(arg)), ...quiet]
  return playwright.launch({ executablePath: await chromium.executablePath(), args })
}

export interface OpenPage {
  readonly page: Page
  /** Console errors and uncaught exceptions so far. */
  readonly errors: string[]
  close(): Promise<void>
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  const errors: string[] = []
  page.on('console', message => {
    if (message.type() === 'error') errors.push(message.text())
  })
  page.on('pageerror', error => errors.push(String(error)))
  await page.goto(url)
  return { page, errors, close: () => context.close() }
}
