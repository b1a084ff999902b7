/** A thread that checks signatures. */
import { parentPort } from 'node:worker_threads'
import { checkPacked } from './batch.ts'

const port = parentPort
if (!port) throw new Error('The signature worker runs in a worker thread only.')

port.on('message', ({ packed }: { packed: Uint8Array }) => {
  const answers = checkPacked(packed)
  port.postMessage({ answers }, [answers.buffer])
})
port.postMessage({ started: true })
