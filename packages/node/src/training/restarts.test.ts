import { type Address, type Hash, taggedHash, utf8, ZERO_HASH } from '@hydraai/core'
import type { LedgerEvent, LedgerState, Update } from '@hydraai/ledger'
import { describe, expect, type TestContext, test } from 'vitest'
import { TestNetwork, eventually as within } from '../api/testing/world.ts'
import type { HydraNode } from '../node.ts'
import type { TrainingTamper } from './tamper.ts'

/** Rounds of consensus that somebody is away for take seconds, and more on a busy machine. */
const eventually = <T>(what: string, found: () => T | Promise<T>) => within(what, found, 50_000)

/** Enough for a process to end and begin within; phases end before when everyone has done their part. */
const LONG = 1_000
const PHASES = { work: 2, workLimit: 20, reveal: LONG, base: LONG, verify: LONG, disclose: LONG, aggregate: LONG }
const SELF = 3

/** Four founders, the last of which keeps something back until it is started again on its disk. */
async function withLast({ onTestFinished }: TestContext, tamper: TrainingTamper, rest: Others = {}) {
  const network = new TestNetwork({
    validators: 4,
    parameters: { phases: PHASES, disputes: { moveBlocks: LONG, rulingBlocks: LONG } },
  })
  onTestFinished(() => network.close())
  const disk = network.disk()
  const [first, ...others] = await Promise.all([
    network.node(SELF, { disk, options: { tamper } }),
    ...Array.from({ length: SELF }, (_, i) => network.node(i, { options: rest[i] ? { tamper: rest[i]! } : {} })),
  ])
  const [watcher] = others
  const events: LedgerEvent[] = []
  watcher!.chain.committed.add(block => events.push(...block.events))
  const { address } = first
  const again = async () => {
    await first.stop()
    const knows = (node: HydraNode) => node.peers.get(`node${SELF}`) !== undefined
    await eventually('all others noticed that it went', () => !others.some(knows))
    return network.node(SELF, { disk })
  }
  return { watcher: watcher!, events, self: address, again }
}

type Others = { readonly [index: number]: TrainingTamper }

function updatesOf(state: LedgerState, trainer: Address): Update[] {
  const round = state.settling.get('tiny') ?? state.rounds.get('tiny')!
  return round.updates.filter(update => update.trainer === trainer)
}

const isOf = (account: Address, type: LedgerEvent['type']) => (event: LedgerEvent) =>
  event.type === type && 'account' in event && event.account === account

describe.concurrent('a node that is started again', () => {
  test('reveals and opens what it had committed to before', async context => {
    const keep = (action: { type: string }) => action.type !== 'reveal'
    const world = await withLast(context, { action: action => (keep(action) ? action : null) })
    const { watcher, events, self, again } = world
    await eventually('all others revealed', () => {
      const { phase, updates } = watcher.state.rounds.get('tiny')!
      const hidden = updates.filter(({ reveal }) => reveal === null)
      return phase === 'reveal' && hidden.length > 0 && hidden.every(({ trainer }) => trainer === self)
    })
    const committed = updatesOf(watcher.state, self).map(({ commitment }) => commitment)
    await again()
    await eventually('its updates were accepted', () => {
      const accepted = events.filter(event => event.type === 'update' && event.trainer === self)
      return accepted.length >= committed.length && accepted
    }).then(updates => expect(updates).toMatchObject(committed.map(() => ({ round: 1, outcome: 'accepted' }))))
    expect(events.filter(isOf(self, 'open')).length).toBeGreaterThanOrEqual(committed.length)
  }, 60_000)

  test('discloses the verdicts whose digests it had sent before, and they stand', async context => {
    const { watcher, events, self, again } = await withLast(context, { disclose: () => null })
    const own = () =>
      watcher.state.settling
        .get('tiny')
        ?.updates.flatMap(({ verdicts }) => verdicts.filter(({ verifier }) => verifier === self)) ?? []
    await eventually('all but it disclosed', () => {
      const round = watcher.state.settling.get('tiny')
      const closed = round?.updates.flatMap(({ verdicts }) => verdicts.filter(({ findings }) => findings === null))
      const isLast = closed?.every(({ verifier }) => verifier === self)
      return round?.phase === 'disclose' && closed!.length > 0 && isLast
    })
    const digests = own().map(({ digest }) => digest)
    await again()
    await eventually('it disclosed', () => events.filter(isOf(self, 'disclose')).length >= digests.length)
    await eventually('the round settled', () => events.some(event => event.type === 'update'))
    const judged = events.flatMap(event =>
      event.type === 'update' ? event.verdicts.filter(({ verifier }) => verifier === self) : [],
    )
    expect(judged.length).toBe(digests.length)
    for (const { judgement } of judged) expect(judgement).toBe('stood')
  }, 60_000)

  test('answers in a dispute about its unit: who challenged it falsely is found out', async context => {
    // Everybody else says that the first segments of its units come to something else.
    const [liar, silent] = [falseChallenger(), { pick: () => null }]
    const world = await withLast(context, silent, { 1: liar.tamper, 2: liar.tamper })
    const { watcher, events, self, again } = world
    liar.against(self)
    const { update, round } = await eventually('a dispute waits for it', () =>
      [...watcher.state.disputes.values()].find(
        ({ update, question }) => update.trainer === self && question.type === 'pick',
      ),
    )
    await again()
    const isIt = (event: LedgerEvent) =>
      event.type === 'update' && event.trainer === self && event.round === round && event.unit === update.unit
    await eventually('the dispute ended', () => events.filter(isIt).length === 2)
    const [before, after] = events.filter(isIt)
    expect(before).toMatchObject({ outcome: 'disputed' })
    expect(after).toMatchObject({ outcome: 'accepted' })
    expect(events.some(event => event.type === 'verdict-slash')).toBe(true)
    expect(events.some(event => event.type === 'unit-slash')).toBe(false)
  }, 60_000)
})

/** Finds a mismatch in the first segment of a trainer's units, and shows states that nobody ever had. */
function falseChallenger() {
  let victim: Address | null = null
  const lie = (hash: Hash, i: number) => (i === 0 ? hash : taggedHash('test', utf8(`${hash} ${i}`)))
  const tamper: TrainingTamper = {
    verdict: (findings, { trainer }) =>
      trainer === victim && findings.replay
        ? { ...findings, replay: { ...findings.replay, keys: [], mismatch: { type: 'trace', segment: 0 } } }
        : findings,
    disclose: action => {
      const { challenge } = action
      if (challenge?.type !== 'trace' || action.trainer !== victim) return action
      const hashes = challenge.hashes.map((hash, i) => lie(hash ?? ZERO_HASH, i + 1))
      return { ...action, challenge: { ...challenge, hashes } }
    },
  }
  return {
    tamper,
    against(trainer: Address) {
      victim = trainer
    },
  }
}
