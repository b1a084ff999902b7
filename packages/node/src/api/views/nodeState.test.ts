import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../process/systemClock.ts'
import { eventually, TestNetwork } from '../testing/world.ts'
import { stateOf } from './nodeState.ts'

const networks: TestNetwork[] = []
function network(options: ConstructorParameters<typeof TestNetwork>[0] = {}): TestNetwork {
  const made = new TestNetwork(options)
  networks.push(made)
  return made
}
afterEach(async () => {
  for (const made of networks.splice(0)) await made.close()
})

describe('the reason', () => {
  it('says that validators are away, how many, and which block waits, when none can be decided', async () => {
    let later = 0
    const clock = { now: () => Date.now() + later, after: systemClock.after }
    const node = await network({ validators: 4 }).node(0, { clock })
    expect(stateOf(node)).toEqual({
      state: 'waiting',
      reason: 'No other node is connected yet; this one keeps looking for its peers.',
    })
    later = 60_000
    expect(stateOf(node).state).toBe('waiting')
    expect(stateOf(node).reason).toMatch(
      /^Block 1 has been waiting for 6\d s \(round \d+\): 1 of 4 validators are connected to this node, and more than two thirds of the voting power must agree/,
    )
  })

  it('tells a newcomer of its registration, then names what the round waits for', async () => {
    const made = network()
    await made.node(0)
    const newcomer = await made.node(3)
    await eventually('registration', () => /being registered/.test(stateOf(newcomer).reason))
    await eventually('work', () => stateOf(newcomer).state === 'training')
    await eventually('the reveals', () =>
      /results? committed, waiting for their trainers to show them/.test(stateOf(newcomer).reason),
    )
    await eventually('the base', () => /results are put together for the next round/.test(stateOf(newcomer).reason))
  })
})
