import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { firstPage, membersIn, membersUp, startDevnet, summaryOf } from '../support/devnet.ts'
import { eventually } from '../support/eventually.ts'
import { Workplace } from '../support/workplace.ts'

const WAIT_MS = 120_000
const workplace = new Workplace({ endAfterFailure: true })

test(
  'a local network does not outlive its launcher, and one whose node cannot run says why and ends',
  async () => {
    const folder = workplace.path('network')
    const killed = startDevnet(workplace, folder, ['--nodes', '2'])
    await firstPage(killed, folder)
    await membersUp(folder, 2)
    killed.signal('SIGKILL')
    await eventually('both nodes to end by themselves', WAIT_MS, () => membersIn(folder).length === 0)

    writeFileSync(join(folder, 'bob', 'store', 'db', 'CURRENT'), 'garbage\n')
    const refused = startDevnet(workplace, folder, ['--until', 'accuracy=0.99', '--timeout', '100'])
    expect(await refused.exited).toEqual({ code: 1, signal: null })
    const exits = refused.lines.filter(({ event, node }) => event === 'exit' && node === 'bob')
    expect(exits.at(-1)).toMatchObject({ restarting: false, reason: expect.stringMatching(/damaged/) })
    expect(summaryOf(refused)).toMatchObject({ reached: false })
    expect(membersIn(folder)).toEqual([])
  },
  2 * WAIT_MS,
)
