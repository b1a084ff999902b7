import type { Attack } from '../attack.ts'
import { falseUnits } from '../falseUnits.ts'
import { noiseOf } from './noise.ts'

const sendingNoise = falseUnits({
  name: 'whitewash',
  is: 'sends noise until it is caught, then registers under a new name and does it again',
  scene: 'swarm',
  twin: 'lone',
  stances: ['new'],
  forge: noiseOf,
})

export const whitewash: Attack = {
  ...sendingNoise,
  play(stage) {
    const part = sendingNoise.play(stage)
    let names = 1
    return {
      ...part,
      startsAtOnce: machine => stage.attackers.slice(1).every(({ index }) => index !== machine),
      onBlock: block => {
        part.onBlock?.(block)
        const { world, attackers } = stage
        const isCaught = block.events.some(
          event =>
            event.type === 'update' && event.outcome === 'refuted' && event.trainer === attackers[names - 1]!.address,
        )
        const next = isCaught ? attackers[names] : undefined
        if (!next) return
        names++
        world.bootSoon(next)
      },
    }
  },
}
