import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startFixture } from './fixture.ts'
import {
  type Opened,
  openStage,
  overflowOf,
  PATIENCE_MS,
  region,
  type Stage,
  TOKEN,
  textOf,
  violationsOf,
} from './stage.ts'
import { addressOf, hashOf } from './world.ts'

vi.setConfig({ testTimeout: PATIENCE_MS, hookTimeout: PATIENCE_MS })

let stage: Stage
const withPage: Stage['withPage'] = (run, options) => stage.withPage(run, options)

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

describe('a page that is looked at', () => {
  let opened: Opened

  beforeAll(async () => {
    opened = await stage.open({ fragment: `#token=${TOKEN}` })
  })

  afterAll(async () => {
    await opened?.close()
    await opened?.fixture.stop()
  })

  it('shows in every panel the numbers that the API gave, without one console error', async () => {
    const { page, errors } = opened
    const answer = region(page, 'Your node')
    expect(await textOf(answer)).toMatch(/alice123 is training[\s\S]*Yes, training[\s\S]*23\.5\s*HYDRA[\s\S]*\+1\.65/)
    const network = await textOf(region(page, 'Network'))
    for (const part of ['Connected', '28 ms on average', '4, you are one', '1,371.44', '1,372.9 minted − 1.46 burnt']) {
      expect(network).toContain(part)
    }
    const peers = region(page, 'Connected peers')
    expect(await textOf(peers.getByRole('row', { name: /bob/ }))).toMatch(/Training[\s\S]*15 ms[\s\S]*98/)
    expect(await peers.getByText('5 of 5 stars').count()).toBe(1)
    expect(await textOf(peers.getByRole('row').last())).toMatch(/node-[\s\S]*unknown/)
    const training = region(page, 'Training')
    expect(await textOf(training)).toMatch(/Image batch #1,247[\s\S]*step 18 of 24[\s\S]*75 %[\s\S]*96\.2 %/)
    expect(await training.getByRole('progressbar').getAttribute('value')).toBe('18')
    expect(await training.getByRole('img', { name: /Loss over this node’s last 180 steps/ }).count()).toBe(1)
    expect(await training.getByRole('img', { name: /to 96\.2 % at version 14/ }).count()).toBe(1)
    expect(await training.getByRole('radio', { name: 'mnist-cnn' }).isChecked()).toBe(true)
    const blocks = region(page, 'Blockchain')
    expect(await textOf(blocks)).toMatch(
      /#1,247[\s\S]*Synced[\s\S]*#1,246[\s\S]*charlie earned 1\.0 HYDRA \(training\)/,
    )
    expect(await textOf(region(page, 'Activity log').getByRole('listitem').first())).toMatch(/BLOCK[\s\S]*#1,247/)
    expect(errors).toEqual([])
  })

  it('marks each digit right or wrong in words and by a sign, and draws its pixels', async () => {
    const { page, world } = opened
    const { samples } = world.samples()
    const wrong = samples.filter(({ label, predicted }) => label !== predicted)
    const digits = region(page, 'What the model sees')
    expect(wrong.length).toBeGreaterThan(0)
    expect(await digits.getByRole('option').count()).toBe(samples.length)
    expect(await digits.getByRole('option', { name: /^wrong: says/ }).count()).toBe(wrong.length)
    expect(await textOf(digits)).toContain(`${samples.length - wrong.length} of ${samples.length}`)
    const ink = await digits
      .locator('canvas')
      .first()
      .evaluate(canvas => {
        const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, 28, 28)
        return Array.from(data).filter((_, at) => at % 4 === 3)
      })
    expect(Buffer.from(ink).toString('base64')).toBe(samples[0]?.pixels)
    await digits.getByRole('option').first().press('ArrowRight')
    expect(await digits.getByText(/Digit 9001: a 1/).count()).toBe(1)
  })

  it('lists every model with how good it is and who registered it', async () => {
    const { page } = opened
    const models = region(page, 'Models')
    const row = (name: RegExp) => textOf(models.getByRole('row', { name }))
    expect(await row(/mnist-cnn/)).toMatch(/names images, version 14; the network began with it\s*96\.2 %/)
    expect(await row(/hydra-gpt/)).toMatch(/writes text, version 3; the network began with it\s*perplexity 23\.4/)
    expect(await row(/house-prices/)).toMatch(/predicts numbers, version 0; registered by bob in #1,101\s*error 0\.810/)
    expect(await textOf(models)).toContain('This node trains all of them, in turn')
  })

  it('shows the round at work beside the one that is being checked', async () => {
    const training = region(opened.page, 'Training')
    const text = await textOf(training)
    expect(text).toMatch(/Round\s*16\s*at work, 2 units so far[\s\S]*Nodes train units and commit/)
    expect(text).toMatch(/Round\s*15\s*being checked, makes version 15[\s\S]*Drawn nodes check the results/)
    const now = training.locator('[aria-current=step]')
    expect(await now.allInnerTexts()).toEqual(['Train', 'Verify'])
    expect(text).toMatch(/Time spent training\s*87 %\s*Computing for checks of others\s*13 %/)
  })

  it('tells of every update who, unit, losses once they are open, audit, verdicts, pay and standing', async () => {
    const { page } = opened
    const updates = region(page, 'Updates')
    const row = (round: number, name: string, unit = 0) =>
      textOf(
        updates
          .getByRole('listitem')
          .filter({ hasText: `round ${round}` })
          .filter({ hasText: `#1,2${3 * round + unit}` })
          .filter({ has: page.getByRole('link', { name, exact: true }) }),
      )
    expect(await row(14, 'alice')).toMatch(
      /Image batch #1,242\s*alice[\s\S]*91[\s\S]*0\.231 → 0\.188[\s\S]*light[\s\S]*bob, charlie, dora agree[\s\S]*\+1\.0[\s\S]*accepted/,
    )
    expect(await row(15, 'dora')).toMatch(
      /sealed[\s\S]*replay of 2 of 10 segments by bob, charlie[\s\S]*bob, charlie sealed[\s\S]*alice, emil not in yet[\s\S]*open[\s\S]*being checked/,
    )
    expect(await row(14, 'charlie', 1)).toMatch(
      /replayed all 10 segments by alice[\s\S]*alice, bob disagree[\s\S]*emil agrees, wrongly[\s\S]*dora silent[\s\S]*−50\.0[\s\S]*refuted/,
    )
    expect(await row(14, 'bob')).toContain('planted')
    expect(await row(13, 'dora')).toMatch(/never opened[\s\S]*none[\s\S]*expired/)
    expect(await row(16, 'bob')).toMatch(/not drawn yet[\s\S]*none[\s\S]*committed/)
    const before = await updates.getByRole('listitem').count()
    await updates.getByRole('button', { name: 'Earlier updates' }).click()
    await updates.getByRole('link', { name: 'Image batch #1,203' }).first().waitFor()
    expect(await updates.getByRole('listitem').count()).toBeGreaterThan(before)
    await updates.getByLabel('Show').selectOption('Disputed or refuted')
    expect(await updates.getByRole('listitem').count()).toBe(2)
    await updates.getByLabel('Show').selectOption('Everything')
  })

  it('opens an update with its hashes, its size, and the course of its dispute', async () => {
    const { page } = opened
    await region(page, 'Updates').getByRole('link', { name: 'Image batch #1,243' }).click()
    const drawer = page.getByRole('dialog', { name: 'Update' })
    await drawer.getByText('Seal of the claims').waitFor()
    const text = await textOf(drawer)
    expect(text).toContain(hashOf('payload'))
    expect(text).toMatch(/17,216 bytes\s*0\.33 bits a parameter/)
    expect(text).toMatch(/alice\s*audits 10 segments\s*disagrees[\s\S]*bob\s*light check/)
    expect(text).toMatch(/Dispute\s*It is over: the update was refuted\.[\s\S]*contradicts charlie at segment 4/)
    expect(text).toMatch(/lost 50\.0 HYDRA of stake/)
    expect(await violationsOf(page)).toEqual([])
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
  })

  it('shows who votes with what power, who does not and why, and when the next are drawn', async () => {
    const committee = region(opened.page, 'Committee')
    const text = await textOf(committee)
    expect(text).toMatch(
      /Epoch 21[\s\S]*You vote on blocks[\s\S]*4 of 7 with a stake[\s\S]*block #1,260\s*13 blocks left/,
    )
    expect(text).toMatch(/bob\s*44\.1 %/)
    expect(text).toMatch(/dora\s*leaves at the next draw/)
    await committee.getByText('Not voting now: 3').click()
    await committee.getByText('no sign of life since block #1,002').waitFor()
  })

  it('explains a word on focus, and Escape puts the explanation away', async () => {
    const { page } = opened
    const word = region(page, 'Training').getByRole('button', { name: 'round' }).first()
    await word.focus()
    await page.getByRole('tooltip').filter({ hasText: 'one turn of training' }).waitFor()
    await page.keyboard.press('Escape')
    expect(await page.getByRole('tooltip').count()).toBe(0)
  })

  it('redraws nothing while nothing arrives', async () => {
    const { page } = opened
    const frames = await page.evaluate(async () => {
      let asked = 0
      const original = window.requestAnimationFrame.bind(window)
      window.requestAnimationFrame = callback => {
        asked++
        return original(callback)
      }
      await new Promise(done => setTimeout(done, 1_500))
      return asked
    })
    expect(frames).toBe(0)
  })

  it('opens a block, its transaction and an account, and Escape closes them', async () => {
    const { page } = opened
    await region(page, 'Blockchain').getByRole('link', { name: 'Block #1,246' }).click()
    const block = page.getByRole('dialog', { name: 'Block #1,246' })
    await block.getByText('4 votes, round 0').waitFor()
    await block.getByRole('listitem').filter({ hasText: 'Open by' }).getByRole('link').last().click()
    const transaction = page.getByRole('dialog', { name: 'Transaction' })
    await transaction.getByText('final in').waitFor()
    expect(await textOf(transaction)).toContain(addressOf('bob'))
    expect(await transaction.getByRole('link', { name: 'unit 2 of round 14' }).getAttribute('href')).toBe(
      `#/update/mnist-cnn/14/${addressOf('bob')}/2`,
    )
    await page.keyboard.press('Escape')
    await transaction.waitFor({ state: 'detached' })
    await region(page, 'Wallet').getByRole('link', { name: 'Every entry' }).click()
    const account = page.getByRole('dialog', { name: 'Account' })
    await account.getByText('Earned for a verified training unit').waitFor()
    expect(await textOf(account)).toMatch(/Sent to charlie[\s\S]*−0\.5/)
    expect(await textOf(account)).toMatch(/Training units\s*\+20\.0[\s\S]*Balance and stake\s*46\.5/)
    await page.keyboard.press('Escape')
    await account.waitFor({ state: 'detached' })
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [360, 1440]) {
      it(`has no accessibility violation and no sideways scroll, ${colorScheme}, ${width} px`, async () => {
        const { page, errors } = opened
        await page.setViewportSize({ width, height: 900 })
        await page.emulateMedia({ colorScheme })
        await page.locator('details').evaluateAll(all => {
          for (const details of all) details.setAttribute('open', '')
        })
        expect(await overflowOf(page)).toBe(0)
        expect(await violationsOf(page)).toEqual([])
        await region(page, 'Blockchain').getByRole('link', { name: 'Block #1,246' }).click()
        const dialog = page.getByRole('dialog')
        await dialog.getByText('Models after it').waitFor()
        expect(await violationsOf(page)).toEqual([])
        await page.keyboard.press('Escape')
        await dialog.waitFor({ state: 'detached' })
        expect(errors).toEqual([])
      })
    }
  }
})

describe('a page that lives', () => {
  it('follows the stream: a block, a status, a log line and a new version appear by themselves', () =>
    withPage(async ({ page, world, fixture, errors }) => {
      world.height += 1
      fixture.push('block', world.block(world.height))
      fixture.push('status', world.status())
      fixture.push('log', { at: Date.now() + 1, kind: 'SUCCESS', text: 'Earned 9.75 HYDRA' })
      await region(page, 'Blockchain').getByRole('link', { name: 'Block #1,248' }).waitFor()
      await region(page, 'Blockchain').locator('.height', { hasText: '#1,248' }).waitFor()
      await region(page, 'Activity log').getByText('Earned 9.75 HYDRA').waitFor()
      world.version += 4
      fixture.push('model', world.modelRow())
      await region(page, 'What the model sees').getByText('version 18').waitFor()
      await region(page, 'What the model sees')
        .getByText(/answered anew/)
        .waitFor()
      await region(page, 'Training')
        .getByRole('img', { name: /at version 18/ })
        .waitFor()
      expect(errors).toEqual([])
    }))

  it('shows coloured images with the names of their classes', () =>
    withPage(
      async ({ page }) => {
        const images = region(page, 'What the model sees')
        expect(await textOf(images)).toMatch(/5 of 6 of these held-out images named right/)
        await images.getByRole('option', { name: 'wrong: says poppy, is fern' }).click()
        expect(await textOf(images)).toMatch(/Image 4: fern, taken for poppy\.\s*poppy\s*75\.0 %\s*fern\s*12\.5 %/)
        const middles = await images.locator('canvas').evaluateAll(all =>
          all.slice(0, 3).map(canvas => {
            const { width, height } = canvas as HTMLCanvasElement
            return [width, height, ...(canvas as HTMLCanvasElement).getContext('2d')!.getImageData(4, 4, 1, 1).data]
          }),
        )
        expect(middles).toEqual([
          [8, 8, 200, 0, 0, 255],
          [8, 8, 0, 200, 0, 255],
          [8, 8, 0, 0, 200, 255],
        ])
        expect(await violationsOf(page)).toEqual([])
      },
      { flowers: true },
    ))

  it('shows the model that one chooses in words of its own, and remembers the choice', () =>
    withPage(async ({ page, errors }) => {
      const training = region(page, 'Training')
      await training.getByRole('radio', { name: 'hydra-gpt' }).check()
      await training.getByRole('img', { name: /Next token right from 2\.0 % at version 0 to 41\.2 % at/ }).waitFor()
      expect(await textOf(training)).toMatch(/Perplexity 23\.4: as unsure/)
      expect(await textOf(training)).toMatch(/Round\s*4/)
      expect(await training.getByRole('img', { name: /Loss over this node’s last 90 steps/ }).count()).toBe(1)
      expect(await region(page, 'What the model sees').count()).toBe(0)
      await page.reload()
      await training.getByRole('radio', { name: 'hydra-gpt', checked: true }).waitFor()
      await training.getByRole('radio', { name: 'house-prices' }).check()
      await training.getByText('Mean squared error').waitFor()
      expect(await textOf(training)).toMatch(/0\.810\s*now/)
      expect(errors).toEqual([])
    }))

  it('trains one model only, and all again, for whoever has the token', () =>
    withPage(async ({ page, world }) => {
      const models = region(page, 'Models')
      await models.getByRole('button', { name: 'Train only this (hydra-gpt)' }).click()
      const dialog = page.getByRole('dialog', { name: 'This page may only look' })
      await dialog.getByLabel('Link or token').fill(TOKEN)
      await dialog.getByRole('button', { name: 'Unlock' }).click()
      expect(world.only).toBeNull()
      await models.getByRole('button', { name: 'Train only this (hydra-gpt)' }).click()
      await models.getByText('This node trains only hydra-gpt').waitFor()
      expect(world.only).toBe('hydra-gpt')
      await models.getByRole('button', { name: /^Train all/ }).click()
      await models.getByText('This node trains all of them, in turn').waitFor()
      expect(world.only).toBeNull()
    }))

  it('says that the node is gone, keeps what it knew, and goes on when it is back', () =>
    withPage(async ({ page, world, fixture }) => {
      await fixture.stop()
      await page.getByText('The connection to the node is lost.').waitFor()
      expect(await textOf(region(page, 'Your node'))).toMatch(
        /alice123 does not answer[\s\S]*it was training[\s\S]*23\.5/,
      )
      expect(await violationsOf(page)).toEqual([])
      world.height += 5
      const again = await startFixture(stage.dist, world, TOKEN, Number(new URL(fixture.url).port))
      try {
        await region(page, 'Blockchain').getByRole('link', { name: 'Block #1,252' }).waitFor()
        expect(await page.getByText('The connection to the node is lost.').count()).toBe(0)
      } finally {
        await again.stop()
      }
    }))

  it('without the token only looks, and says how to get it', () =>
    withPage(async ({ page, world }) => {
      const wallet = region(page, 'Wallet')
      expect(await textOf(wallet)).toMatch(/45\.5\s*HYDRA[\s\S]*shown once unlocked/)
      await page.getByRole('button', { name: 'Pause training' }).click()
      const dialog = page.getByRole('dialog', { name: 'This page may only look' })
      await dialog.getByText('api-token').waitFor()
      expect(world.paused).toBe(false)
      await dialog.getByLabel('Link or token').fill(`http://127.0.0.1:1/#token=${TOKEN}`)
      await dialog.getByRole('button', { name: 'Unlock' }).click()
      await wallet.getByText('+1.0 HYDRA').waitFor()
    }))

  it('drops a token that the node refuses, and says so', () =>
    withPage(
      async ({ page }) => {
        await region(page, 'Wallet').getByText('Send or stake').click()
        await region(page, 'Wallet')
          .getByText(/The token is not this node’s/)
          .waitFor()
      },
      { fragment: '#token=of-another-node' },
    ))

  it('takes stake back, and tells when it is free and what of the chain is not kept here', () =>
    withPage(
      async ({ page, world, fixture }) => {
        const wallet = region(page, 'Wallet')
        await wallet.getByText('+1.0 HYDRA').waitFor()
        await wallet.getByText('Unstake', { exact: true }).first().click()
        await wallet.getByText(/is free after 7 d; this node votes on until the epoch ends with block #1,260/).waitFor()
        await wallet.getByLabel('Unstake in HYDRA').fill('2')
        await wallet.getByRole('button', { name: 'Unstake' }).click()
        await wallet.getByText('That is more than the 1.0 HYDRA at stake.').waitFor()
        await wallet.getByLabel('Unstake in HYDRA').fill('1')
        world.unbonding = [{ amount: '1', releaseAt: 9_000, releaseTime: Date.now() + 5 * 3_600_000 }]
        await wallet.getByRole('button', { name: 'Unstake' }).click()
        await wallet.getByText(/Unstaking\. It counts once/).waitFor()
        expect(world.sent).toEqual([{ amount: '1' }])
        await wallet.getByText(/free at block #9,000, in (5 h|4 h 59 min)/).waitFor()
        world.lowest = world.height - 20
        fixture.push('status', world.status())
        await page.reload()
        const blocks = region(page, 'Blockchain')
        await blocks.getByRole('button', { name: 'Earlier blocks' }).click()
        await blocks.getByText('Blocks before #1,227 are not kept by this node').waitFor()
      },
      { fragment: `#token=${TOKEN}` },
    ))

  it('with the token sends after a confirmation, pauses, and hides the token from the address bar', () =>
    withPage(
      async ({ page, world }) => {
        expect(page.url()).not.toContain(TOKEN)
        const wallet = region(page, 'Wallet')
        await wallet.getByText('+1.0 HYDRA').waitFor()
        await wallet.getByText('Send', { exact: true }).click()
        await wallet.getByLabel('To', { exact: true }).fill(addressOf('bob'))
        await wallet.getByLabel('Amount in HYDRA').fill('46')
        await wallet.getByRole('button', { name: 'Review' }).click()
        await wallet.getByText('That is more than the 45.5 HYDRA in this wallet.').waitFor()
        await wallet.getByLabel('Amount in HYDRA').fill('1.25')
        await wallet.getByLabel(/Note/).fill('soup')
        await wallet.getByRole('button', { name: 'Review' }).click()
        const dialog = page.getByRole('dialog', { name: 'Send 1.25 HYDRA?' })
        expect(await textOf(dialog)).toMatch(/44\.25 HYDRA/)
        expect(world.sent).toEqual([])
        await dialog.getByRole('button', { name: 'Send 1.25 HYDRA' }).click()
        await wallet.getByText(/Sent\. It counts once/).waitFor()
        expect(world.sent).toEqual([{ to: addressOf('bob'), amount: '1.25', memo: 'soup' }])
        await page.getByRole('button', { name: 'Pause training' }).click()
        await page.getByRole('button', { name: 'Start training' }).waitFor()
        await page.getByRole('heading', { name: 'alice123 is paused' }).waitFor()
      },
      { fragment: `#token=${TOKEN}` },
    ))
})
