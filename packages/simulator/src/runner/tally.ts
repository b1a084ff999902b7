import type { Plan } from '../plan.ts'
import type { PromiseName } from '../violation.ts'
import type { Outcome } from './request.ts'

/** A plan that broke a promise. */
export interface Failure {
  readonly plan: Plan
  readonly promise: PromiseName
  readonly finding: string
}

const HOUR_MS = 3_600_000

/** What a number of runs came to. */
export class Tally {
  readonly failures: Failure[] = []
  seeds = 0
  simulatedMs = 0
  blocks = 0
  transactions = 0
  machines = 0
  readonly faults = new Map<string, number>()
  readonly actors = new Map<string, number>()

  add(plan: Plan, outcome: Outcome): void {
    this.seeds++
    if (outcome.type === 'violated') {
      this.failures.push({ plan, promise: outcome.promise, finding: outcome.finding })
      return
    }
    const { report } = outcome
    this.simulatedMs += report.simulatedMs
    this.blocks += report.height
    this.transactions += report.transactions
    this.machines += report.machines
    for (const [type, count] of Object.entries(report.faults)) bump(this.faults, type, count)
    for (const kind of report.byzantine) bump(this.actors, kind, 1)
  }

  get simulatedHours(): number {
    return this.simulatedMs / HOUR_MS
  }

  toJSON(): object {
    const { seeds, simulatedHours, blocks, transactions, machines } = this
    const [faults, actors] = [sorted(this.faults), sorted(this.actors)]
    return { seeds, violations: this.failures.length, simulatedHours, machines, blocks, transactions, faults, actors }
  }

  /** For people: a line a fact. */
  lines(tookMs: number): string[] {
    const list = (counts: Map<string, number>) =>
      Object.entries(sorted(counts))
        .map(([name, count]) => `${name} ${count}`)
        .join(', ') || 'none'
    return [
      `seeds        ${this.seeds} in ${(tookMs / 1_000).toFixed(1)} s, ${this.machines} machines`,
      `simulated    ${this.simulatedHours.toFixed(2)} hours, ${this.blocks} blocks, ${this.transactions} transactions`,
      `faults       ${list(this.faults)}`,
      `byzantine    ${list(this.actors)}`,
      `violations   ${this.failures.length}`,
    ]
  }
}

function bump(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

function sorted(counts: Map<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}
