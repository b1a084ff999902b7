import type { Address, Clock, KeyPair } from '@hydraai/core'
import type { LedgerState } from '@hydraai/ledger'
import type { KeyValueStore } from '@hydraai/storage'
import type { Compute } from '../compute/compute.ts'
import type { Journal } from '../journal.ts'
import type { Library } from '../library.ts'
import type { Outbox } from '../mempool/outbox.ts'
import type { Logger } from '../ports.ts'
import type { TrainingActivity } from './activity.ts'
import { Challenges } from './challenges.ts'
import { Discloser } from './discloser.ts'
import { Disputes } from './disputes.ts'
import type { Documents } from './documents.ts'
import { findingRecordCodec } from './findingRecord.ts'
import { finishedUnitCodec } from './finishedUnit.ts'
import type { KindOf } from './kinds.ts'
import { Opener } from './opener.ts'
import { planterOf } from './plants.ts'
import { Aggregations } from './results/aggregations.ts'
import { BaseResults } from './results/bases.ts'
import { ModelResults } from './results/models.ts'
import { Payloads } from './results/payloads.ts'
import { Results } from './results/results.ts'
import { RulingResults } from './results/rulings.ts'
import { RoundRecords } from './roundRecords.ts'
import type { TrainingTamper } from './tamper.ts'
import { Trainer } from './trainer.ts'
import { UnitJobs } from './unitJobs.ts'
import { Verifier } from './verifier.ts'

export interface TrainingParts {
  keys: KeyPair
  clock: Clock
  db: KeyValueStore
  compute: Compute
  library: Library
  documents: Documents
  outbox: Outbox
  journal: Journal
  activity: TrainingActivity
  logger: Logger
  nameOf: (address: Address) => string
  kindOf: KindOf
  /** Whether it does units of its own. */
  trains: boolean
  tamper?: TrainingTamper
}

/** All that a node does for the training of models, each part by the state that the chain has come to. */
export class TrainingServices {
  readonly results: Results
  readonly trainer: Trainer
  readonly verifier: Verifier
  readonly #opener: Opener
  readonly #discloser: Discloser
  readonly #disputes: Disputes
  readonly #trains: boolean

  constructor({ keys, db, tamper = {}, trains, ...parts }: TrainingParts) {
    const { clock, compute, library, documents, journal, logger } = parts
    const self = keys.address
    const jobs = new UnitJobs({ library, documents })
    const units = new RoundRecords(db, 'unit', finishedUnitCodec)
    const findings = new RoundRecords(db, 'finding', findingRecordCodec)
    const challenges = new Challenges({ compute, library, jobs, findings })
    const shared = { ...parts, self, jobs, units, findings, challenges }
    const aggregations = new Aggregations({ compute, library, documents })
    this.results = new Results({
      models: new ModelResults({ compute, library, documents, aggregations, journal }),
      bases: new BaseResults({
        payloads: new Payloads({ compute, library, documents }),
        ...{ aggregations, logger },
      }),
      rulings: new RulingResults({ compute, library, jobs }),
      ...{ clock, logger },
    })
    this.trainer = new Trainer({ ...shared, plant: planterOf(keys), ...(tamper.unit && { tamper: tamper.unit }) })
    this.verifier = new Verifier({ ...shared, keys, ...(tamper.verdict && { tamper: tamper.verdict }) })
    this.#opener = new Opener(shared)
    this.#discloser = new Discloser(shared)
    this.#disputes = new Disputes(shared)
    this.#trains = trains
  }

  onState(state: LedgerState): void {
    // What holds up everybody comes first, what others wait for next.
    this.results.onState(state)
    this.#opener.onState(state)
    this.#discloser.onState(state)
    this.#disputes.onState(state)
    this.verifier.onState(state)
    if (this.#trains) this.trainer.onState(state)
  }
}
