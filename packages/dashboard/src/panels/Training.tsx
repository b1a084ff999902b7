import type { Training as TrainingData } from '../api/shapes.ts'
import { groupDigits, showAmount, showLoss, showPercent } from '../model/amounts.ts'
import { shownModel } from '../model/choice.ts'
import { lossColumns, lossesOf, lossSummary, verifyingShare } from '../model/training.ts'
import { Chart, type Line } from '../parts/Chart.tsx'
import { Empty, Fact, Missing, Panel } from '../parts/Panel.tsx'
import { Term } from '../parts/Term.tsx'
import { useSlice } from '../store.ts'
import { CurrentUnit } from './CurrentUnit.tsx'
import { ModelChoice } from './ModelChoice.tsx'
import { Round } from './Round.tsx'
import { ScoreCurve } from './ScoreCurve.tsx'

export function Training() {
  const training = useSlice(state => state.training)
  const error = useSlice(state => state.errors.training)
  const models = useSlice(state => state.models)
  const modelError = useSlice(state => state.errors.models)
  const model = useSlice(shownModel)
  return (
    <Panel title="Training" area="training" aside={<ModelChoice />}>
      {training === null ? <Missing what="training" error={error} /> : <CurrentUnit training={training} />}
      <div className="curves">
        {training !== null && <LossCurve training={training} model={model?.id} />}
        {model === undefined ? (
          models === null ? (
            <Missing what="models" error={modelError} />
          ) : (
            <Empty title="No model yet">The node has not read the network’s first state.</Empty>
          )
        ) : (
          <ScoreCurve model={model} />
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
      <Fact label={<Term name="trainingShare">Time spent training</Term>}>
        {training.trainingShare === null ? 'none yet' : showPercent(training.trainingShare, 0)}
      </Fact>
      <Fact label="Computing for checks of others">{share === null ? 'none yet' : showPercent(share, 0)}</Fact>
    </dl>
  )
}

const lossLines: readonly Line[] = [
  { label: 'each step', colour: '--curve-raw', width: 1 },
  { label: 'smoothed', colour: '--curve', width: 2 },
]

function LossCurve({ training, model }: { training: TrainingData; model: string | undefined }) {
  const losses = lossesOf(training.losses, model)
  const data = lossColumns(losses)
  return (
    <div className="curve">
      <h3>
        <Term name="loss">Loss</Term> of this node’s last steps
      </h3>
      {losses.length < 2 ? (
        <Empty title="No steps yet">The curve begins with the first unit of this model that this node trains.</Empty>
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
