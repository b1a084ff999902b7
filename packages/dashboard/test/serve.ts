import { join } from 'node:path'
import { startFixture } from './fixture.ts'
import { World } from './world.ts'

/** `npm run fixture`: the built page on a made-up network that moves, to look at while designing. */

const token = 'development-token'
const world = new World(Date.now())
const fixture = await startFixture(
  join(import.meta.dirname, '..', 'dist'),
  world,
  token,
  Number(process.env.PORT ?? 8777),
)
console.log(`${fixture.url}#token=${token}`)

setInterval(() => {
  world.step = (world.step + 1) % 25
  fixture.push('training', world.training())
}, 400)
setInterval(() => {
  world.height += 1
  fixture.push('block', world.block(world.height))
  fixture.push('status', world.status())
  fixture.push('model', world.modelRow())
  fixture.push('log', { at: Date.now(), kind: 'BLOCK', text: `New block #${world.height} added to the chain` })
}, 10_000)
