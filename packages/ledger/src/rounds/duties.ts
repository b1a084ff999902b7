import type { Address, Hash } from '@hydraai/core'
import { splitFee } from '../economics/fees.ts'
import { accountOf } from '../state/account.ts'
import { residualOf } from '../state/residual.ts'
import type { LedgerState, Phase, Round, Update, Verdict } from '../state/types.ts'
import { trainerOpensUntil, unitsOf } from './round.ts'
import { isRevealed, type RevealedUpdate } from './update.ts'

/** One update that somebody has to do something about. */
export interface Duty<U extends Update = Update> {
  readonly model: string
  readonly round: number
  /** The beacon from which the round's units are assigned. */
  readonly beacon: Hash
  /** Hash of the parameters that the round's units start from. */
  readonly base: Hash
  /** The last block in which it can be done. */
  readonly until: number
  readonly update: U
}

/** An update to verify. */
export interface VerificationDuty extends Duty<RevealedUpdate> {
  /** Decides on which samples nobody could know of the update is tried too. */
  readonly drawBeacon: Hash
  /** To replay from the start; 0: only the light check, unless that is suspicious. */
  readonly segments: number
  /** Loss of the model on its held-out part, as float32 bits: what makes findings suspicious. */
  readonly heldOutLoss: number
}

/** A verdict to disclose. */
export interface DisclosureDue extends Duty<RevealedUpdate> {
  readonly drawBeacon: Hash
  readonly verdict: Verdict
}

/** What a trainer can take on next. */
export interface OpenWork {
  readonly model: string
  readonly round: number
  readonly beacon: Hash
  /** Hash of the parameters that its units start from. */
  readonly base: Hash
  /** Height of the block at whose end the round opened. */
  readonly openedAt: number
  /** The last block that takes a commit for sure: after it the phase may end early. */
  readonly sureUntil: number
  /** The last block of the phase; it moves while nobody commits. */
  readonly until: number
  /** Number of the next unit, or null when there is none for this address, for this `reason`. */
  readonly unit: number | null
  /** Content id of what that unit has to take up of an earlier update; null for none. */
  readonly residual: Hash | null
  readonly reason: 'limit' | 'unregistered' | 'fee' | null
}

/** For each model whose round takes commits: the next unit of this address. */
export function openWork(state: LedgerState, address: Address): OpenWork[] {
  return roundsIn(state.rounds, 'work').map(round => {
    const next = unitsOf(round, address)
    const reason = whyNoWork(state, address, round, next)
    const { model, number, beacon, base, phaseEndsAt, openedAt } = round
    const sureUntil = openedAt + state.parameters.phases.work
    return {
      model,
      round: number,
      beacon,
      base,
      openedAt,
      sureUntil,
      until: phaseEndsAt,
      unit: reason === null ? next : null,
      residual: reason === null ? residualOf(state, model, number, address, next) : null,
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
  return dutiesIn(state.rounds, 'reveal').filter(({ update }) => update.trainer === address && update.reveal === null)
}

/** Updates that this address was drawn to verify and has not judged yet. */
export function verificationDuties(state: LedgerState, address: Address): VerificationDuty[] {
  return settlingDuties(state, 'verify').flatMap(duty => {
    const drawn = duty.update.verifiers.find(verifier => verifier.address === address)
    const spoke = verdictOf(duty.update, address) !== undefined
    const { heldOutLoss } = state.settling.get(duty.model)!
    return drawn === undefined || spoke ? [] : [{ ...duty, segments: drawn.segments, heldOutLoss }]
  })
}

/**
 * Updates whose claims this address can open in the next block: its own, and from the second block on those it gave a
 * verdict on, if its trainer is silent.
 */
export function opensDue(state: LedgerState, address: Address): Duty<RevealedUpdate>[] {
  return settlingDuties(state, 'disclose').filter(({ model, update }) => {
    if (update.claims !== null) return false
    if (update.trainer === address) return true
    const standsIn = trainerOpensUntil(state.settling.get(model)!, state.parameters) <= state.height
    return standsIn && verdictOf(update, address) !== undefined
  })
}

/** Verdicts of this address that it has to disclose. */
export function disclosuresDue(state: LedgerState, address: Address): DisclosureDue[] {
  return settlingDuties(state, 'disclose').flatMap(duty => {
    const verdict = verdictOf(duty.update, address)
    return verdict === undefined || verdict.findings !== null ? [] : [{ ...duty, verdict }]
  })
}

function verdictOf(update: Update, verifier: Address): Verdict | undefined {
  return update.verdicts.find(verdict => verdict.verifier === verifier)
}

function roundsIn(table: LedgerState['rounds'], phase: Phase): Round[] {
  return [...table.values()].filter(round => round.phase === phase)
}

function dutiesIn(table: LedgerState['rounds'], phase: Phase): Duty[] {
  return roundsIn(table, phase).flatMap(({ model, number, beacon, base, phaseEndsAt, updates }) =>
    updates.map(update => ({ model, round: number, beacon, base, until: phaseEndsAt, update })),
  )
}

/** What is to do about revealed updates that are not decided, once their verifiers are drawn. */
function settlingDuties(state: LedgerState, phase: Phase): (Duty<RevealedUpdate> & { drawBeacon: Hash })[] {
  return dutiesIn(state.settling, phase).flatMap(duty => {
    const { model, update } = duty
    const { drawBeacon } = state.settling.get(model)!
    if (drawBeacon === null || !isRevealed(update) || update.outcome !== 'pending') return []
    return [{ ...duty, update, drawBeacon }]
  })
}
