import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Scenario, Stretch } from './scenario.ts'

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url))
const MEMO = new URL('../../packages/simulator/src/memo/register.ts', import.meta.url).href

type Message = { readonly say: string } | { readonly result: { readonly cold: Stretch; readonly steady: Stretch } }

/** Runs one scenario in a process of its own. @throws Error when that ends without a result */
export function simulate(
  scenario: Scenario,
  say: (what: string) => void,
): Promise<{ readonly cold: Stretch; readonly steady: Stretch }> {
  const execArgv = ['--import', MEMO, '--max-old-space-size=4096']
  const child = fork(WORKER, { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  return new Promise((resolve, reject) => {
    child.on('message', (message: Message) => {
      if ('say' in message) say(message.say)
      else resolve(message.result)
    })
    child.once('exit', code => reject(new Error(`the simulation of ${scenario.nodes} nodes ended with ${code}`)))
    child.send(scenario)
  })
}
