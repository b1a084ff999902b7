import { describe, expect, it } from 'vitest'
import { verdictOf, World, workOf } from './world.ts'

describe('a round of training', () => {
  it('pays an honest trainer and its verifiers, and gives the model its next version', () => {
    const world = new World()
    const [alice] = world.founders
    const work = workOf(alice!, 1, 0)
    world.next([world.sign(alice!, work.commit)])
    world.until('reveal')
    world.next([world.sign(alice!, work.reveal)])
    expect(world.round.phase).toBe('verify')
    world.next(world.founders.slice(1).map(f => world.sign(f, verdictOf(f, alice!, { round: 1, unit: 0 }))))
    expect(world.round.phase).toBe('settle')
    world.next([world.sign(alice!, work.settle)])
    expect(world.round.phase).toBe('aggregate')
    world.next([], [world.modelUpdate()])
    expect(world.round.number).toBe(2)
  })
})
