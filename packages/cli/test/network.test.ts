import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { hydraNode, PASSWORD, Running, temporaryFolder } from './hydraNode.ts'

const home = temporaryFolder()
const env = { HYDRA_HOME: home.path, HYDRA_PASSWORD: PASSWORD }
const at = (...path: string[]) => join(home.path, ...path)
const loopback = ['--host', '127.0.0.1', '--port', '0', '--no-local-discovery']
afterAll(() => home.remove())

/** What a command came to; on a slow machine lines of its progress stand before. */
const lastLine = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1)!)

/** What the first node of the network under test is started with, again and again. */
const alice = ['--user', 'alice', ...loopback]
let genesis: unknown

test('a node that finds nobody says so, offers to found, and exits 1; its new wallet stays', async () => {
  const { code, stderr } = await hydraNode([...alice, '--create-wallet'], env)
  expect(stderr).toContain('Nobody was found')
  expect(stderr).toContain('--found')
  expect(code).toBe(1)
  expect(readdirSync(at('alice'))).toEqual(['wallet.json'])
})

test('a port in use is named before anything is founded', async () => {
  const taken = createServer()
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as AddressInfo
  const { code, stderr } = await hydraNode([...alice, '--found', '--models', 'mnist-cnn', '--port', String(port)], env)
  expect(stderr).toContain(`Port ${port} is used by another program`)
  expect(stderr).toContain('--port')
  expect(code).toBe(1)
  expect(readdirSync(at('alice'))).toEqual(['wallet.json'])
})

test('one node founds a network, another joins it with no more than a bootstrap list, and both end well', async () => {
  const first = new Running([...alice, '--found', '--models', 'mnist-cnn', '--block-interval', '300'], env)
  const ready = await first.event('ready')
  const founded = await first.event('genesis')
  expect(founded).toMatchObject({ from: 'founded', chainId: ready.chainId, hash: ready.genesis })
  genesis = ready.genesis
  expect(await first.event('model')).toMatchObject({ model: 'mnist-cnn', version: 0, height: 0 })
  await first.event('block', ({ height }) => height === 3)

  const port = /\/tcp\/(\d+)/.exec(String(ready.addresses))?.[1]
  mkdirSync(at('bob'))
  writeFileSync(at('bob', 'network.json'), JSON.stringify({ bootstrap: [`127.0.0.1:${port}`] }))
  const second = new Running(['--user', 'bob', ...loopback, '--create-wallet', '--no-train'], env)
  expect(await second.event('genesis')).toMatchObject({ hash: genesis, from: `/ip4/127.0.0.1/tcp/${port}` })
  const met = await second.event('block', ({ height }) => Number(height) >= 5)
  expect(await first.event('block', ({ height }) => height === met.height)).toMatchObject({ hash: met.hash })

  const busy = await hydraNode(['--user', 'alice', '--export-chain', at('busy.dat')], env)
  expect(busy).toMatchObject({ code: 1, stderr: expect.stringContaining('in use by a running node') })

  // The token spends: it is for the page of the person at the terminal.
  const token = readFileSync(at('alice', 'api-token'), 'utf8').trim()
  for (const node of [second, first]) {
    node.interrupt()
    expect(await node.ended()).toBe(0)
    expect(node.events.at(-1)).toEqual({ event: 'stopped' })
    expect(JSON.stringify(node.events)).not.toContain(token)
  }
}, 90_000)

test('a second start goes on where the first one ended, also when nobody reads what it prints', async () => {
  const node = new Running(alice, env)
  const { height, api, genesis: again } = await node.event('ready')
  expect(again).toBe(genesis)
  expect(height).toBeGreaterThanOrEqual(3)
  node.stopReading()
  const heightNow = async () => (await (await fetch(`${api}/api/status`)).json()).chain.height
  while ((await heightNow()) < Number(height) + 2) await new Promise(resolve => setTimeout(resolve, 100))
  node.interrupt()
  expect(await node.ended()).toBe(0)
})

test('an exported chain is imported block by block, checked, and exports to the same bytes', async () => {
  const file = at('chain.dat')
  expect((await hydraNode(['--user', 'alice', '--export-chain', file], env)).code).toBe(0)
  const again = await hydraNode(['--user', 'alice', '--export-chain', file], env)
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('not overwritten') })

  const imported = await hydraNode(['--user', 'carol', '--import-chain', file, '--json'], env)
  expect(lastLine(imported.stdout)).toMatchObject({ event: 'imported', genesis })
  const copy = at('copy.dat')
  expect((await hydraNode(['--user', 'carol', '--export-chain', copy], env)).code).toBe(0)
  expect(readFileSync(copy).equals(readFileSync(file))).toBe(true)
})

test('a chain file that was cut is imported up to the cut, and a whole one goes on from there', async () => {
  const whole = readFileSync(at('chain.dat'))
  writeFileSync(at('cut.dat'), whole.subarray(0, Math.floor(whole.length * 0.6)))
  const cut = await hydraNode(['--user', 'dave', '--import-chain', at('cut.dat')], env)
  const height = Number(/^Block (\d+) of /.exec(cut.stderr)?.[1])
  expect(height).toBeGreaterThan(1)
  expect(cut).toMatchObject({ code: 1, stderr: expect.stringContaining('cut short') })
  const rest = await hydraNode(['--user', 'dave', '--import-chain', at('chain.dat'), '--json'], env)
  const { height: total, added } = lastLine(rest.stdout)
  expect(added).toBe(total - height + 1)
})

test('an altered chain file is refused at the height where it was altered', async () => {
  const altered = readFileSync(at('chain.dat'))
  const where = Math.floor(altered.length * 0.8)
  altered[where] = altered[where]! ^ 1
  writeFileSync(at('altered.dat'), altered)
  const { code, stderr } = await hydraNode(['--user', 'erin', '--import-chain', at('altered.dat')], env)
  const height = Number(/^Block (\d+) of /.exec(stderr)?.[1])
  expect(code).toBe(1)
  // All before it was kept: whole blocks, the next of which is the bad one.
  const rest = await hydraNode(['--user', 'erin', '--import-chain', at('chain.dat'), '--json'], env)
  const { height: total, added } = lastLine(rest.stdout)
  expect(added).toBe(total - height + 1)
})

test('the chain of another network is refused, and so is another genesis', async () => {
  mkdirSync(at('frank'))
  copyFileSync(at('alice', 'genesis.json'), at('own.json'))
  const other = readFileSync(at('own.json'), 'utf8').replace(/"chainId": "[^"]+"/, '"chainId": "hydra-00000000"')
  writeFileSync(at('frank', 'genesis.json'), other)
  const foreign = await hydraNode(['--user', 'frank', '--import-chain', at('chain.dat')], env)
  expect(foreign).toMatchObject({ code: 1, stderr: expect.stringContaining('belongs to hydra-00000000') })
  expect(readFileSync(at('frank', 'genesis.json'), 'utf8')).toBe(other)

  copyFileSync(at('alice', 'wallet.json'), at('frank', 'wallet.json'))
  const joined = await hydraNode(['--user', 'frank', ...loopback, '--genesis', at('own.json')], env)
  expect(joined).toMatchObject({ code: 1, stderr: expect.stringContaining('belongs to another network') })
})
