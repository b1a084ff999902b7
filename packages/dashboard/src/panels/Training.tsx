import { useState } from 'react'
import type { ModelRow, Training as TrainingData } from '../api/shapes.ts'
import { groupDigits, showAmount, showLoss, showPercent } from '../model/amounts.ts'
import {
  accuracyColumns,
  accuracyRange,
  accuracySummary,
  lossColumns,
  lossSummary,
  verifyingShare,
} from '../model/training.ts'
import { Chart, type Line } from '../parts/Chart.tsx'
import { Empty, Fact, Missing, Panel } from '../parts/Panel.tsx'
import { Term } from '../parts/Term.tsx'
import { useSlice } from '../store.ts'
import { CurrentUnit } from './CurrentUnit.tsx'
import { Round } from './Round.tsx'

export function Training() {
  const training = useSlice(state => state.training)
  const error = useSlice(state => state.errors.training)
  const models = useSlice(state => state.models)
  const modelError = useSlice(state => state.errors.models)
  const [chosen, choose] = useState<string | null>(null)
  const model = models?.find(({ id }) => id === (chosen ?? training?.current?.model)) ?? models?.[0]
  const choice =
    models !== null && models.length > 1 ? (
      <label>
        <span className="for-readers">Model</span>
        <select value={model?.id} onChange={event => choose(event.target.value)}>
          {models.map(({ id }) => (
            <option key={id}>{id}</option>
          ))}
        </select>
      </label>
    ) : (
      model && <span className="mono">{model.id}</span>
    )
  return (
    <Panel title="Training" area="training" aside={choice}>
      {training === null ? <Missing what="training" error={error} /> : <CurrentUnit training={training} />}
      <div className="curves">
        {training !== null && <LossCurve training={training} />}
        {model === undefined ? (
          models === null ? (
            <Missing what="models" error={modelError} />
          ) : (
            <Empty title="No model yet">The node has not read the network’s first state.</Empty>
          )
        ) : (
          <AccuracyCurve model={model} />
        )}
      </div>
      {model !== undefined && <Round model={model} />}
      {training !== null && <Totals training={training} />}
    </Panel>
  )
}

function Totals({ training }: { training: TrainingData }) {
  const share = verifyingShare(training.cpu)
  return (
    <dl className="facts facts-row">
      <Fact label={<Term name="unit">Units done</Term>}>{groupDigits(training.unitsCompleted)}</Fact>
      <Fact label="Earned by training">
        {showAmount(training.earned)} <span className="unit">HYDRA</span>
      </Fact>
      <Fact label="Time spent on checking others">{share === null ? 'none yet' : showPercent(share, 0)}</Fact>
    </dl>
  )
}

const lossLines: readonly Line[] = [
  { label: 'each step', colour: '--curve-raw', width: 1 },
  { label: 'smoothed', colour: '--curve', width: 2 },
]

function LossCurve({ training }: { training: TrainingData }) {
  const { losses } = training
  const data = lossColumns(losses)
  return (
    <div className="curve">
      <h3>
        <Term name="loss">Loss</Term> of this node’s last steps
      </h3>
      {losses.length < 2 ? (
        <Empty title="No steps yet">The curve begins with the first unit that this node trains.</Empty>
      ) : (
        <Chart
          summary={lossSummary(losses)}
          data={data}
          lines={lossLines}
          showX={x => (x === 0 ? 'now' : `${groupDigits(x).replace('-', '−')}`)}
          showY={y => (Math.abs(y) >= 10 ? y.toFixed(0) : y.toFixed(2))}
          readout={at => {
            const point = losses[at]
            return point ? `${showLoss(point.loss)}, smoothed ${showLoss(data[2][at] ?? point.loss)}` : ''
          }}
        />
      )}
    </div>
  )
}

/** A share on the axis: whole percents, unless the curve is so flat that they would repeat. */
const showTick = (share: number): string =>
  showPercent(share, Math.abs(share * 100 - Math.round(share * 100)) < 1e-6 ? 0 : 1)

const accuracyLines: readonly Line[] = [
  { label: 'held-out images named right', colour: '--accent', width: 2, points: true },
]

function AccuracyCurve({ model }: { model: ModelRow }) {
  const history = useSlice(state => state.histories[model.id]?.history)
  const error = useSlice(state => state.errors.history)
  const latest = model.evaluation
  const points = history ?? []
  const data = accuracyColumns(points)
  return (
    <div className="curve">
      <h3>
        <Term name="accuracy">Accuracy</Term> of each <Term name="version">version</Term>
        {latest !== null && (
          <span className="curve-now">
            {showPercent(latest.accuracy)}
            <span className="for-readers">
              {' '}
              now: {latest.correct} of {latest.total} right
            </span>
          </span>
        )}
      </h3>
      {history === undefined ? (
        <Missing what="history" error={error} />
      ) : points.length < 2 ? (
        <Empty title={`Version ${model.version} is the first`}>
          The curve begins when a round’s work is accepted and the next version exists.
        </Empty>
      ) : (
        <Chart
          summary={accuracySummary(points)}
          data={data}
          lines={accuracyLines}
          range={accuracyRange}
          showX={x => (Number.isInteger(x) ? groupDigits(x) : '')}
          showY={showTick}
          readout={at => `version ${data[0][at]}: ${showPercent(data[1][at] ?? 0)}`}
        />
      )}
    </div>
  )
}
