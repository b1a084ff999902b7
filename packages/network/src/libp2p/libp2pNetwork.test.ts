import { CONFORMANCE_LIMITS, networkConformance } from '../conformance.ts'
import { sleep, testNode, until } from './testNodes.ts'

const socketsOf = () => process.getActiveResourcesInfo().filter(name => /^(TCP|Server)/.test(name))

networkConformance('over libp2p', () => {
  const before = socketsOf().length
  return {
    // Without targets upkeep dials nobody, so that the suite alone decides who is connected.
    create: () => testNode({ limits: { ...CONFORMANCE_LIMITS, targetPeers: 0 } }),
    until,
    settle: promise => promise,
    quiet: () => sleep(120),
    async leftovers() {
      for (let i = 0; i < 100 && socketsOf().length > before; i++) await sleep(20)
      return socketsOf().slice(before)
    },
  }
})
