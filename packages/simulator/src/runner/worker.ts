/** A process that runs the plans it is sent, one after the other, and sends back how each ended. Started by pool.ts. */
import { engineWasm } from '../engineWasm.ts'
import type { Plan } from '../plan.ts'
import { runPlan } from './request.ts'

const send = (message: object) => process.send!(message)
let current: number | null = null

// The one who started this process decides when it ends; a terminal's Ctrl-C reaches both.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
process.on('unhandledRejection', error => {
  const finding = `nobody handled: ${error instanceof Error ? error.stack : String(error)}`
  send({ seed: current, outcome: { type: 'violated', promise: 'process', finding } })
  process.exit(1)
})
process.on('message', async ({ plan }: { plan: Plan }) => {
  current = plan.seed
  const outcome = await runPlan(plan, engineWasm)
  send({ seed: plan.seed, outcome })
})
