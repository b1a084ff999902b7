import type { Address } from '@hydraai/core'
import type { Duty } from '@hydraai/ledger'
import { Listeners } from '../listeners.ts'
import { TrainingTime } from './trainingTime.ts'

/** A unit under way, ours or one that we check. */
export interface UnitProgress {
  readonly model: string
  readonly round: number
  readonly unit: number
  readonly trainer: Address
  readonly label: string
  readonly step: number
  readonly steps: number
  readonly loss: number | null
}

export interface LossPoint {
  readonly model: string
  readonly at: number
  readonly loss: number
}

const KEPT_LOSSES = 600

/** What this node is training and checking right now, for whoever watches. */
export class TrainingActivity {
  readonly changed = new Listeners<void>()
  /** Since the node started. */
  readonly time = new TrainingTime()
  training: UnitProgress | null = null
  verifying: UnitProgress | null = null
  unitsCompleted = 0
  /** Payload bytes of the units this node has made. */
  payloadBytes = 0
  #losses: LossPoint[] = []

  get losses(): readonly LossPoint[] {
    return this.#losses
  }

  setTraining(progress: UnitProgress | null, at: number): void {
    this.training = progress
    if (progress?.loss != null) this.#losses.push({ model: progress.model, at, loss: progress.loss })
    if (this.#losses.length > KEPT_LOSSES) this.#losses = this.#losses.slice(-KEPT_LOSSES)
    this.changed.emit()
  }

  setVerifying(progress: UnitProgress | null): void {
    this.verifying = progress
    this.changed.emit()
  }
}

/** Names an update in logs and database keys. */
export interface UnitKey {
  readonly model: string
  readonly round: number
  readonly trainer: Address
  readonly unit: number
}

export function keyOf({ model, round, update }: Pick<Duty, 'model' | 'round' | 'update'>): UnitKey {
  return { model, round, trainer: update.trainer, unit: update.unit }
}

export function unitKeyOf({ model, round, trainer, unit }: UnitKey): string {
  return `${model}/${round}/${trainer}/${unit}`
}
