import type { Address, Hash, Recipe } from '@hydraai/core'
import { splitFee } from '../economics/fees.ts'
import { accountOf } from '../state/account.ts'
import type { LedgerState, Reveal, Round, Update } from '../state/types.ts'
import { hasValidQuorum } from './quorum.ts'
import { unitsOf } from './round.ts'

/** An update whose payload is known. */
export type RevealedUpdate = Update & { readonly reveal: Reveal }

/** One update that somebody has to do something about. */
export interface Duty<U extends Update = Update> {
  readonly model: string
  readonly round: number
  /** The beacon from which the round's units are assigned. */
  readonly beacon: Hash
  /** The last block in which it can be done. */
  readonly until: number
  readonly update: U
}

/** What a trainer can take on next. */
export interface OpenWork {
  readonly model: string
  readonly round: number
  readonly beacon: Hash
  /** Height of the block at whose end the round opened. */
  readonly openedAt: number
  /** The last block that takes a commit for sure: after it the phase may end early. */
  readonly sureUntil: number
  /** The last block of the phase; it moves while nobody commits. */
  readonly until: number
  /** Number of the next unit, or null when there is none for this address, for this `reason`. */
  readonly unit: number | null
  readonly reason: 'limit' | 'unregistered' | 'fee' | null
}

/** A round that waits for its new model; round 0 is the founding of a published one, which has no updates. */
export interface ProposableUpdate {
  readonly model: string
  readonly round: number
  readonly recipe: Recipe
  readonly parameterCount: number
  /** What the accepted updates started from; zeros for a founding. */
  readonly parameters: Hash
  readonly momentum: Hash
  /** In order of (trainer, unit), which is the order of aggregation. */
  readonly updates: readonly { trainer: Address; unit: number; payload: Hash; payloadBytes: number }[]
}

/** The rounds whose accepted updates can now be aggregated, by model id. */
export function proposableUpdates(state: LedgerState): ProposableUpdate[] {
  return roundsIn(state, 'aggregate').map(round => {
    const { recipe, parameterCount, parameters, momentum } = state.models.get(round.model)!
    const updates = round.updates
      .filter(isRevealed)
      .filter(update => update.outcome === 'accepted')
      .map(({ trainer, unit, reveal: { payload, payloadBytes } }) => ({ trainer, unit, payload, payloadBytes }))
    return { model: round.model, round: round.number, recipe, parameterCount, parameters, momentum, updates }
  })
}

/** For each model whose round takes commits: the next unit of this address. */
export function openWork(state: LedgerState, address: Address): OpenWork[] {
  return roundsIn(state, 'work').map(round => {
    const next = unitsOf(round, address)
    const reason = whyNoWork(state, address, round, next)
    const { model, number, beacon, phaseEndsAt, openedAt } = round
    const sureUntil = openedAt + state.parameters.phases.work
    return {
      model,
      round: number,
      beacon,
      openedAt,
      sureUntil,
      until: phaseEndsAt,
      unit: reason === null ? next : null,
      reason,
    }
  })
}

function whyNoWork(state: LedgerState, address: Address, round: Round, next: number): OpenWork['reason'] {
  const account = accountOf(state, address)
  if (!account.registered && account.stake === 0n) return 'unregistered'
  if (next >= state.models.get(round.model)!.recipe.maxUnitsPerRound) return 'limit'
  try {
    splitFee(account, state.parameters.fees.update)
    return null
  } catch {
    return 'fee'
  }
}

/** Units of this trainer that wait to be revealed. */
export function revealsDue(state: LedgerState, address: Address): Duty[] {
  return dutiesIn(state, 'reveal').filter(({ update }) => update.trainer === address && update.reveal === null)
}

/** Updates that this address was drawn to verify and has not judged yet. */
export function verificationDuties(state: LedgerState, address: Address): Duty<RevealedUpdate>[] {
  return dutiesIn(state, 'verify').filter((duty): duty is Duty<RevealedUpdate> => {
    const { update } = duty
    const drawn = update.verifiers.some(verifier => verifier.address === address)
    const spoke = update.verdicts.some(verdict => verdict.verifier === address)
    return isRevealed(update) && update.outcome === 'pending' && drawn && !spoke
  })
}

/** Updates that will be accepted once their replay key is shown, and whose key this address should know. */
export function settlesDue(state: LedgerState, address: Address): Duty[] {
  return dutiesIn(state, 'settle').filter(({ update }) => {
    const replayed = update.verdicts.some(verdict => verdict.verifier === address && verdict.valid)
    const waits = update.outcome === 'pending' && update.replayKey === null && hasValidQuorum(update)
    return waits && (update.trainer === address || replayed)
  })
}

function isRevealed(update: Update): update is RevealedUpdate {
  return update.reveal !== null
}

function roundsIn(state: LedgerState, phase: Round['phase']): Round[] {
  return [...state.rounds.values()].filter(round => round.phase === phase)
}

function dutiesIn(state: LedgerState, phase: Round['phase']): Duty[] {
  return roundsIn(state, phase).flatMap(({ model, number, beacon, phaseEndsAt, updates }) =>
    updates.map(update => ({ model, round: number, beacon, until: phaseEndsAt, update })),
  )
}
