import type { ModelRow } from '../api/shapes.ts'
import { groupDigits } from '../model/amounts.ts'
import {
  measureOf,
  perplexityOf,
  scoreColumns,
  scoreSummary,
  showPerplexity,
  type Task,
  taskOf,
} from '../model/scores.ts'
import { Chart } from '../parts/Chart.tsx'
import { Empty, Missing } from '../parts/Panel.tsx'
import { Term } from '../parts/Term.tsx'
import { useSlice } from '../store.ts'

/** How well each version did on what nobody trained on: accuracy, or what stands for it in this kind of model. */
export function ScoreCurve({ model }: { model: ModelRow }) {
  const detail = useSlice(state => state.histories[model.id])
  const error = useSlice(state => state.errors.history)
  const task = taskOf(model, detail)
  const measure = measureOf(task)
  const points = detail?.history ?? []
  const data = scoreColumns(points, measure)
  return (
    <div className="curve">
      <h3>
        <Term name={measure.term}>{measure.name}</Term> of each <Term name="version">version</Term>
        <Now model={model} task={task} />
      </h3>
      {detail === undefined ? (
        <Missing what="history" error={error} />
      ) : points.length < 2 ? (
        <Empty title={`Version ${groupDigits(model.version)} is the first here`}>
          The curve begins when a round’s work is accepted and the next version exists.
        </Empty>
      ) : (
        <Chart
          key={task}
          summary={scoreSummary(points, measure)}
          data={data}
          lines={[{ label: measure.line, colour: '--accent', width: 2, points: true }]}
          range={measure.range}
          showX={x => (Number.isInteger(x) ? groupDigits(x) : '')}
          showY={measure.showTick}
          readout={at => {
            const value = data[1][at]
            return `version ${data[0][at]}: ${value == null ? 'not measured' : measure.show(value)}`
          }}
        />
      )}
      {task === 'text' && <Perplexity loss={model.evaluation?.loss ?? null} />}
    </div>
  )
}

function Now({ model: { evaluation }, task }: { model: ModelRow; task: Task }) {
  if (evaluation === null || evaluation.total === 0) return null
  const measure = measureOf(task)
  const value = measure.valueOf(evaluation)
  if (value === null) return null
  return (
    <span className="curve-now">
      {measure.show(value)}
      <span className="for-readers">
        {' now'}
        {task !== 'values' && `: ${groupDigits(evaluation.correct)} of ${groupDigits(evaluation.total)} right`}
      </span>
    </span>
  )
}

function Perplexity({ loss }: { loss: number | null }) {
  const perplexity = perplexityOf(loss)
  if (perplexity === null) return null
  return (
    <p className="curve-note">
      <Term name="perplexity">Perplexity</Term> <strong>{showPerplexity(perplexity)}</strong>: as unsure of the next{' '}
      <Term name="token">token</Term> as among {showPerplexity(perplexity)} that are equally likely.
    </p>
  )
}
