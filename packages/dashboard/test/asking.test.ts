import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ANSWER, QUESTION } from './answers.ts'
import {
  type Options,
  openStage,
  overflowOf,
  PATIENCE_MS,
  region,
  type Stage,
  TOKEN,
  textOf,
  violationsOf,
} from './stage.ts'

vi.setConfig({ testTimeout: PATIENCE_MS, hookTimeout: PATIENCE_MS })

let stage: Stage
const withPage: Stage['withPage'] = (run, options) => stage.withPage(run, options)

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

describe('asking', () => {
  const locked: Options = {}
  const unlocked: Options = { fragment: `#token=${TOKEN}` }
  const panelOf = (page: Page) => region(page, 'Ask')
  const boxOn = (page: Page) => panelOf(page).getByRole('textbox', { name: 'Question' })
  const askOn = async (page: Page, question = QUESTION) => {
    const panel = panelOf(page)
    await boxOn(page).fill(question)
    await boxOn(page).press('Enter')
    return panel.getByRole('article').first()
  }

  it('names the price, streams the answer, and shows who was paid what in which block', () =>
    withPage(async ({ page, world, fixture, errors }) => {
      const panel = panelOf(page)
      expect(await panel.getByRole('button', { name: 'Ask for 0.5 HYDRA' }).count()).toBe(1)
      expect(await textOf(panel)).toMatch(/45\.5 in the wallet/)
      world.msPerToken = 40
      const answer = await askOn(page)
      await answer.getByText(/bob answers: \d+ tokens? so far/).waitFor()
      const early = await textOf(answer.locator('.said'))
      expect(ANSWER.startsWith(early.trim())).toBe(true)
      expect(early.length).toBeLessThan(ANSWER.length)
      await answer.getByText('Check this answer').waitFor()
      expect(await textOf(answer.locator('.said'))).toBe(ANSWER)
      expect(world.asked).toEqual([{ question: QUESTION, model: 'hydra-gpt' }])
      await answer.getByText('0.5 HYDRA').waitFor()
      expect(await textOf(answer)).toMatch(/by bob\s*hydra-gpt version 3\s*\d+ tokens\s*payment .*, waits for a block/)
      world.height += 1
      world.paidAt = world.height
      fixture.push('status', world.status())
      await answer.getByRole('link', { name: '#1,248' }).waitFor()
      await region(page, 'Wallet').getByText('45.0').waitFor()
      expect(await boxOn(page).inputValue()).toBe('')
      expect(errors).toEqual([])
    }, unlocked))

  it('checks the answer in the browser, under the node’s own content policy', () =>
    withPage(async ({ page, errors }) => {
      const answer = await askOn(page)
      await answer.getByRole('button', { name: 'Check this answer' }).click()
      await answer.getByText('The same, token for token.').waitFor()
      expect(await textOf(answer)).toMatch(/signature of bob holds, and the chain names these parameters/)
      expect(errors).toEqual([])
    }, unlocked))

  it('finds out a server that signed what the model does not say', () =>
    withPage(async ({ page, world, errors }) => {
      world.server = 'lying'
      const answer = await askOn(page)
      await answer.getByRole('button', { name: 'Check this answer' }).click()
      await answer.getByText('Not the same:').waitFor()
      expect(await textOf(answer)).toMatch(/from token 4 of \d+ on, the model says something else.*bob signed what/s)
      expect(errors).toEqual([])
    }, unlocked))

  it('says that it cannot check what the node does not hold any more', () =>
    withPage(async ({ page, world }) => {
      world.holdsContent = false
      const answer = await askOn(page)
      await answer.getByRole('button', { name: 'Check this answer' }).click()
      await answer.getByText('Not checked.').waitFor()
      expect(await textOf(answer)).toMatch(/does not hold the version that answered.*Of the answer this says nothing/s)
    }, unlocked))

  it('says that it cannot check where the browser runs no WebAssembly, and works otherwise', () =>
    withPage(
      async ({ page }) => {
        const answer = await askOn(page)
        await answer.getByRole('button', { name: 'Check this answer' }).click()
        await answer.getByText('Not checked.').waitFor()
        expect(await textOf(answer)).toMatch(/does not let the page run WebAssembly/)
        expect(await textOf(answer.locator('.said'))).toBe(ANSWER)
      },
      { ...unlocked, policy: "default-src 'self'" },
    ))

  it('stops on Escape, at the server too, and nothing is paid', () =>
    withPage(async ({ page, world, errors }) => {
      world.msPerToken = 60
      const answer = await askOn(page)
      await answer.locator('.said').waitFor()
      await page.keyboard.press('Escape')
      await answer.getByText('You stopped it here. Nothing was paid.').waitFor()
      await expect.poll(() => world.stopped).toBe(1)
      expect(await answer.getByText(/payment|Check this answer/).count()).toBe(0)
      expect(await panelOf(page).getByRole('button', { name: 'Ask for 0.5 HYDRA' }).count()).toBe(1)
      expect(errors).toEqual([])
    }, unlocked))

  it('says what is wrong and what to do when nobody answers, or the server dies midway, and shows no payment', () =>
    withPage(async ({ page, world }) => {
      world.server = 'gone'
      const none = await askOn(page)
      await none.getByText(/of 4 peers none serves it\. Wait for peers\. Nothing was paid\./).waitFor()
      expect(await boxOn(page).inputValue()).toBe(QUESTION)
      world.server = 'dying'
      const half = await askOn(page)
      await half.getByText(/bob fell silent .* Nothing was paid\. Ask again\.$/).waitFor()
      expect(ANSWER.startsWith((await textOf(half.locator('.said'))).trim())).toBe(true)
      expect(await half.getByText(/payment|Check this answer/).count()).toBe(0)
    }, unlocked))

  it('asks nothing that the wallet cannot pay, and nothing without the token', () =>
    withPage(async ({ page, world, fixture }) => {
      await askOn(page)
      await page.getByRole('dialog', { name: 'This page may only look' }).waitFor()
      await page.keyboard.press('Escape')
      world.balance = '0.2'
      fixture.push('block', world.block(world.height))
      await panelOf(page).getByText('0.2 in the wallet').waitFor()
      await boxOn(page).press('Enter')
      await panelOf(page)
        .getByText(/An answer costs 0\.5 HYDRA, and this wallet has 0\.2/)
        .waitFor()
      expect(world.asked).toEqual([])
    }, locked))

  it('shows question and answer as text, whatever they look like, and finds text out that nobody signed', () =>
    withPage(async ({ page, world, errors }) => {
      world.says = '<b>bold</b><img src=x onerror=alert(1)>'
      const answer = await askOn(page, '<img src=y onerror=alert(2)>')
      await answer.getByText(world.says).waitFor()
      await answer.getByRole('heading', { name: '<img src=y onerror=alert(2)>' }).waitFor()
      expect(await answer.locator('img, b').count()).toBe(0)
      await answer.getByRole('button', { name: 'Check this answer' }).click()
      await answer.getByText(/the text is not what the signed tokens say\. What bob signed is true\./).waitFor()
      expect(errors).toEqual([])
    }, unlocked))

  it('sends the options that were typed, and says which one is out of range', () =>
    withPage(async ({ page, world }) => {
      const panel = panelOf(page)
      await panel.getByText('How the answer is drawn').click()
      await panel.getByLabel('Temperature').fill('11')
      await askOn(page)
      await panel.getByText('Write a number from 0 to 10, or nothing.').waitFor()
      expect(world.asked).toEqual([])
      await panel.getByLabel('Temperature').fill('0.8')
      await panel.getByLabel('Tokens at most').fill('4')
      await panel.getByLabel('Model').selectOption('poems')
      const answer = await askOn(page)
      await answer.getByText('cut where you said').waitFor()
      expect(await textOf(answer)).toContain('4 tokens, cut where you said')
      expect(world.asked).toEqual([{ question: QUESTION, model: 'poems', temperature: 0.8, maxTokens: 4 }])
    }, unlocked))

  it('has no accessibility violation with an answer that is checked, 360 px wide in the dark', () =>
    withPage(
      async ({ page }) => {
        const answer = await askOn(page)
        await answer.getByRole('button', { name: 'Check this answer' }).click()
        await answer.getByText('The same, token for token.').waitFor()
        expect(await overflowOf(page)).toBe(0)
        expect(await violationsOf(page)).toEqual([])
        const heard = await panelOf(page).locator('> [role=status]').allTextContents()
        expect(heard).toEqual([`Answer: ${ANSWER}`])
      },
      { ...unlocked, viewport: { width: 360, height: 800 }, colorScheme: 'dark' },
    ))
})
