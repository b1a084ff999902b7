// One simulated network in a process of its own: what nodes work out from the same input is worked out once there.
import type { Scenario } from './scenario.ts'
import { simulateNetwork } from './simulated.ts'

process.on('disconnect', () => process.exit(1))
process.once('message', (scenario: Scenario) => {
  simulateNetwork(scenario, what => process.send?.({ say: what }))
    .then(result => process.send?.({ result }, () => process.exit(0)))
    .catch(error => {
      console.error(error)
      process.exit(1)
    })
})
