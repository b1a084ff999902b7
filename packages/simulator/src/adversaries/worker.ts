/** A process that does the runs it is asked for, one after the other. Started by pool.ts. */
import { honestWorld } from './honest.ts'
import type { Answer, Question } from './pool.ts'
import { respond } from './respond.ts'

const send = (message: object) => process.send!(message)

async function answer(question: Question): Promise<Answer> {
  if (question.type === 'honest') return { type: 'honest', tally: await honestWorld(question.seed) }
  return { type: 'run', response: await respond(question.request) }
}

// The one who started this process decides when it ends; a terminal's Ctrl-C reaches both.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
process.on('message', (question: Question) => {
  answer(question).then(
    answer => send({ answer }),
    error => send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
})
