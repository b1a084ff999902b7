import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { eventually } from '../testing/world.ts'
import { StreamHub } from './hub.ts'

it('cuts off a reader that does not read, and keeps the one that does', async () => {
  const hub = new StreamHub()
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    hub.add(response)
  })
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/`
  let received = 0
  const reading = get(url, response => response.on('data', data => (received += data.length)))
  const silent = get(url, response => response.pause())
  for (const one of [reading, silent]) one.on('error', () => {})
  await eventually('both', () => hub.size === 2)
  const line = { at: 0, kind: 'INFO', text: 'x'.repeat(1_000_000) }
  await eventually('the cut', async () => {
    const before = received
    hub.send('log', line)
    await eventually('the reader', () => received >= before + line.text.length)
    return hub.size === 1
  })
  hub.close()
  expect(hub.size).toBe(0)
  reading.destroy()
  silent.destroy()
  await new Promise(closed => server.close(closed))
})
