// A helper thread in Node.
import { parentPort, workerData } from 'node:worker_threads'
import { type HelperTask, help } from './helper.ts'

help(workerData as HelperTask, note => parentPort?.postMessage(note))
