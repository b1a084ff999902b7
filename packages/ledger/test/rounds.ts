import type { KeyPair } from '@hydraai/core'
import { expect } from 'vitest'
import type { LedgerEvent } from '../src/index.ts'
import { moneyOf } from '../src/index.ts'
import { discloseOf, verdictOf, type World, workOf } from './world.ts'

/** What somebody earned for units, verdicts and replays. */
export function earned(events: readonly LedgerEvent[], keys: KeyPair): bigint {
  return events
    .filter(({ type }) => type === 'unit-reward' || type === 'verdict-reward' || type === 'replay-reward')
    .flatMap(moneyOf)
    .reduce((sum, entry) => (entry.account === keys.address ? sum + entry.amount : sum), 0n)
}

export const outcomes = (events: readonly LedgerEvent[]) =>
  events.flatMap(event => (event.type === 'update' ? [[event.trainer, event.unit, event.outcome]] : []))

export const storyOf = (events: readonly LedgerEvent[], trainer: KeyPair) =>
  events.findLast(event => event.type === 'update' && event.trainer === trainer.address)

/** Commits and reveals one unit of each trainer. */
export function bringToBase(world: World, trainers: readonly KeyPair[], round = 1): void {
  world.next(trainers.map(keys => world.sign(keys, workOf(keys, round, 0).commit)))
  world.until('reveal')
  world.next(trainers.map(keys => world.sign(keys, workOf(keys, round, 0).reveal)))
  expect(world.round).toMatchObject({ number: round, phase: 'base' })
}

/** On to where the verifiers are drawn, and the next round is open. */
export function bringToVerify(world: World, trainers: readonly KeyPair[], round = 1): void {
  bringToBase(world, trainers, round)
  world.next([], [world.base()])
  world.next()
  expect(world.settling).toMatchObject({ number: round, drawBeacon: expect.any(String) })
}

/** Verdicts of these on the units of these, each honest and with a whole replay. */
export function judge(world: World, verifiers: readonly KeyPair[], trainers: readonly KeyPair[], round = 1): void {
  const place = { round, unit: 0 }
  world.next(
    verifiers.flatMap(keys =>
      trainers
        .filter(trainer => trainer !== keys)
        .map((trainer, i) => world.sign(keys, verdictOf(keys, trainer, place), i)),
    ),
  )
}

/** Everything is opened by whom it is of; returns what that block did. */
export function discloseAll(
  world: World,
  verifiers: readonly KeyPair[],
  trainers: readonly KeyPair[],
  round = 1,
): readonly LedgerEvent[] {
  world.until('disclose')
  const place = { round, unit: 0 }
  const { events } = world.next([
    ...trainers.map(keys => world.sign(keys, workOf(keys, round, 0).open)),
    ...verifiers.flatMap(keys =>
      trainers
        .filter(trainer => trainer !== keys)
        .map((trainer, i) => world.sign(keys, discloseOf(keys, trainer, place), Number(trainers.includes(keys)) + i)),
    ),
  ])
  return events
}
