import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Locator, Page } from 'playwright-core'
import { build } from 'vite'
import { launchBrowser, type OpenPage, openPage } from '../../../test/support/browser.ts'
import { type Fixture, startFixture } from './fixture.ts'
import { World } from './world.ts'

export const TOKEN = 'test-token-0123456789'
/** A browser on a machine that does much else is slow; no promise here is about time. */
export const PATIENCE_MS = 120_000

const axeSource = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

export interface Opened extends OpenPage {
  readonly world: World
  readonly fixture: Fixture
}

export type Options = { fragment?: string; policy?: string; flowers?: boolean } & Parameters<typeof openPage>[2]

/** The built page in a browser, over worlds of its own. */
export interface Stage {
  readonly dist: string
  open(options?: Options): Promise<Opened>
  withPage(run: (opened: Opened) => Promise<void>, options?: Options): Promise<void>
  close(): Promise<void>
}

export async function openStage(): Promise<Stage> {
  const dist = mkdtempSync(join(tmpdir(), 'hydra-page-'))
  const root = fileURLToPath(new URL('..', import.meta.url))
  await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'error', build: { outDir: dist } })
  const browser = await launchBrowser()
  const open = (options?: Options) => openWorld(browser, dist, options)
  return {
    dist,
    open,
    async withPage(run, options) {
      const opened = await open(options)
      try {
        await run(opened)
      } finally {
        await opened.close()
        await opened.fixture.stop()
      }
    },
    async close() {
      await browser.close()
      rmSync(dist, { recursive: true, force: true })
    },
  }
}

async function openWorld(
  browser: Browser,
  dist: string,
  { fragment = '', policy, flowers = false, ...options }: Options = {},
): Promise<Opened> {
  const world = new World(Date.now())
  if (policy !== undefined) world.policy = policy
  world.flowers = flowers
  const fixture = await startFixture(dist, world, TOKEN)
  const opened = await openPage(browser, fixture.url + fragment, options)
  await opened.page.getByRole('heading', { level: 1 }).getByText('alice123').waitFor()
  await opened.page.locator('.image canvas').first().waitFor()
  return { ...opened, world, fixture }
}

/** The text that is to be seen: without the explanations that are put away. */
export const textOf = async (found: Locator) => (await found.allInnerTexts()).join('\n')

export const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

export async function violationsOf(page: Page): Promise<string[]> {
  // Through the debugger and not as a script element, which the page's own policy would refuse.
  await page.evaluate(axeSource)
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> }
    }
    const { violations } = await axe.run()
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(node => `${node.html} ${node.failureSummary}`).join(' | ')}`,
    )
  })
}

export const overflowOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
