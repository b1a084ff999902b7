/** A process that does the runs it is sent, one after the other. Started by pool.ts. */
import { respond } from './respond.ts'
import type { Request } from './suite.ts'

const send = (message: object) => process.send!(message)

// The one who started this process decides when it ends; a terminal's Ctrl-C reaches both.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
process.on('message', (request: Request) => {
  respond(request).then(
    response => send({ response }),
    error => send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
})
