/** The table, for people and for programs. */
import type { Row } from './rows.ts'
import type { RunResult } from './run.ts'
import type { TaskName } from './tasks.ts'

/** A row over its seeds: means, and for the loss the largest distance from the mean. */
export interface RowReport {
  readonly model: TaskName
  readonly method: string
  readonly trainers: number
  /** 1: every step. */
  readonly localSteps: number
  readonly seeds: number
  readonly loss: number
  readonly lossSpread: number
  /** Over the loss of one machine with AdamW every step; 0.01 is one in a hundred worse. */
  readonly lossOver: number
  readonly accuracy: number
  readonly bytesPerParameterPerSample: number | null
  readonly timesLess: number | null
  readonly coreSeconds: number
  readonly wallSeconds: number
}

/** `results` of a row in the order of its seeds; `baseline`: the mean loss of one machine with one optimiser, whichever of its rows is the better. */
export function reportOf(
  model: TaskName,
  { name, method }: Row,
  results: readonly RunResult[],
  baseline: number,
): RowReport {
  const mean = (of: (result: RunResult) => number): number => {
    return results.reduce((sum, result) => sum + of(result), 0) / results.length
  }
  const loss = mean(result => result.loss)
  const [first] = results
  return {
    model,
    method: name,
    trainers: method.type === 'network' ? method.trainers : 1,
    localSteps: method.type === 'every-step' ? 1 : method.local,
    seeds: results.length,
    loss,
    lossSpread: Math.max(...results.map(result => Math.abs(result.loss - loss))),
    lossOver: loss / baseline - 1,
    accuracy: mean(result => result.accuracy),
    bytesPerParameterPerSample:
      first!.bytesPerParameterPerSample === null ? null : mean(r => r.bytesPerParameterPerSample!),
    timesLess: first!.timesLess === null ? null : mean(r => r.timesLess!),
    coreSeconds: mean(result => result.coreSeconds),
    wallSeconds: mean(result => result.wallSeconds),
  }
}

/** Markdown that is aligned for a terminal too. */
export function tableOf(reports: readonly RowReport[]): string {
  const head = [
    ...['method', 'trainers', 'local steps', 'loss', '± seeds', 'over one machine', 'right'],
    ...['bytes / parameter / sample', 'times less', 'core s', 'wall s'],
  ]
  const lines = [head, ...reports.map(cellsOf)]
  const widths = head.map((_, column) => Math.max(...lines.map(line => line[column]!.length)))
  const text = ([first, ...rest]: readonly string[]): string => {
    const cells = [first!.padEnd(widths[0]!), ...rest.map((cell, i) => cell.padStart(widths[i + 1]!))]
    return `| ${cells.join(' | ')} |`
  }
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [text(lines[0]!), rule, ...lines.slice(1).map(text)].join('\n')
}

function cellsOf(report: RowReport): string[] {
  const { trainers, localSteps, loss, lossSpread, lossOver, accuracy, bytesPerParameterPerSample, timesLess } = report
  return [
    report.method,
    String(trainers),
    String(localSteps),
    loss < 1e6 ? loss.toFixed(4) : 'diverged',
    lossSpread.toFixed(4),
    `${lossOver < 0 ? '−' : '+'}${Math.abs(100 * lossOver).toFixed(1)} %`,
    `${(100 * accuracy).toFixed(1)} %`,
    bytesPerParameterPerSample === null ? '' : bytesPerParameterPerSample.toPrecision(2),
    timesLess === null ? '' : Math.round(timesLess).toLocaleString('en'),
    report.coreSeconds.toFixed(1),
    report.wallSeconds.toFixed(1),
  ]
}
