/** A process that runs the plans it is sent, one after the other, and sends back how each ended. Started by pool.ts. */
import { engineWasm } from '../engineWasm.ts'
import type { Plan } from '../plan.ts'
import { runPlan } from './request.ts'

const send = (message: object) => process.send!(message)

// The one who started this process decides when it ends; a terminal's Ctrl-C reaches both.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
process.on('unhandledRejection', error => {
  const finding = `nobody handled: ${error instanceof Error ? error.stack : String(error)}`
  send({ outcome: { type: 'violated', promise: 'process', finding }, ends: true })
  process.disconnect()
})
process.on('message', async ({ plan }: { plan: Plan }) => {
  const outcome = await runPlan(plan, engineWasm)
  send({ outcome, ends: false })
})
