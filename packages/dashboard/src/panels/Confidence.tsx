import type { Sample } from '../api/shapes.ts'
import { showPercent } from '../model/amounts.ts'
import { confidencesOf, type Labels, likeliest } from '../model/images.ts'

/** More labels than these, or longer names, are a short list of the likeliest instead of one bar each. */
const MAX_BARS = 12
const MAX_BAR_NAME = 2
const LIKELIEST = 5

interface ConfidenceProps {
  readonly sample: Sample
  readonly labels: Labels
  readonly before: number | undefined
}

/** What one image is, what the model takes it for, and how sure it is. */
export function Confidence({ sample, labels: { thing, nameOf }, before }: ConfidenceProps) {
  const confidences = confidencesOf(sample.confidence)
  const right = sample.predicted === sample.label
  const name = `${thing.charAt(0).toUpperCase()}${thing.slice(1)} ${sample.index}`
  const article = thing === 'digit' ? 'a ' : ''
  return (
    <div className="confidence" aria-live="polite">
      <p>
        {name}:{' '}
        {right
          ? `${article}${nameOf(sample.label)}, named right`
          : `${article}${nameOf(sample.label)}, taken for ${article}${nameOf(sample.predicted)}`}
        {before !== undefined && `; the version before said ${nameOf(before)}`}.
      </p>
      {confidences === null ? (
        <p className="soft">The node gave no confidences for it.</p>
      ) : confidences.length <= MAX_BARS && confidences.every((_, label) => nameOf(label).length <= MAX_BAR_NAME) ? (
        <Bars confidences={confidences} label={sample.label} nameOf={nameOf} />
      ) : (
        <ol className="likeliest" aria-label="How sure the model is, the likeliest first">
          {likeliest(confidences, LIKELIEST).map(({ label, share }) => (
            <li key={label} data-label={label === sample.label}>
              <span>{nameOf(label)}</span>
              <span className="bar-line" aria-hidden="true">
                <span style={{ width: `${Math.max(1, share * 100)}%` }} />
              </span>
              <span className="number">{showPercent(share)}</span>
            </li>
          ))}
        </ol>
      )}
    </div>
  )
}

interface BarsProps {
  readonly confidences: readonly number[]
  readonly label: number
  readonly nameOf: Labels['nameOf']
}

function Bars({ confidences, label, nameOf }: BarsProps) {
  return (
    <ul className="bars" aria-label="How sure the model is of each">
      {confidences.map((share, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the index is the label
        <li key={at} data-label={at === label} title={`${nameOf(at)}: ${showPercent(share)}`}>
          <span className="bar" aria-hidden="true">
            <span style={{ height: `${Math.max(2, share * 100)}%` }} />
          </span>
          <span>
            {nameOf(at)}
            <span className="for-readers">: {showPercent(share, 0)}</span>
          </span>
        </li>
      ))}
    </ul>
  )
}
