import type { Training } from '../api/shapes.ts'
import { groupDigits, showLoss, showPercent } from '../model/amounts.ts'
import { showDuration } from '../model/time.ts'
import { unitTimeLeft } from '../model/training.ts'
import { useNow } from '../parts/clock.ts'
import { Id } from '../parts/Id.tsx'
import { Term } from '../parts/Term.tsx'
import { useSlice } from '../store.ts'

/** What the node computes at this moment: its own unit, somebody else's, or nothing and why. */
export function CurrentUnit({ training }: { training: Training }) {
  const { current, verifying } = training
  const reason = useSlice(state => state.status?.reason)
  const several = useSlice(state => (state.models?.length ?? 0) > 1)
  if (current !== null) return <Own training={training} current={current} />
  if (verifying !== null) {
    return (
      <div className="unit-now">
        <p className="unit-line">
          <strong>Checking {verifying.label ?? `unit ${verifying.unit}`}</strong> of{' '}
          <Id
            id={verifying.trainer}
            name={verifying.trainerName}
            {...(verifying.trainer.startsWith('0x') ? { kind: 'account' as const } : {})}
          />
          {several && verifying.model !== null && <span>for {verifying.model}</span>}
        </p>
        <Progress label="Progress of the check" step={verifying.step} steps={verifying.steps} note="" />
      </div>
    )
  }
  return (
    <div className="unit-now">
      <p className="unit-line">
        <strong>Nothing to compute right now</strong>
      </p>
      <p className="soft">{reason ?? 'The node has not said why.'}</p>
    </div>
  )
}

function Own({ training, current }: { training: Training; current: NonNullable<Training['current']> }) {
  const seen = useSlice(state => state.unit)
  const several = useSlice(state => (state.models?.length ?? 0) > 1)
  const left = useNow(now => {
    const ms = unitTimeLeft(training, seen, now)
    return ms === null || ms < 2_000 ? '' : `about ${showDuration(Math.ceil(ms / 5_000) * 5_000)} left`
  })
  return (
    <div className="unit-now">
      <p className="unit-line">
        <strong>{current.label}</strong>
        {several && <span>of {current.model}</span>}
        <span>
          <Term name="round">round</Term> {groupDigits(current.round)}
        </span>
        {current.loss !== null && (
          <span>
            <Term name="loss">loss</Term> {showLoss(current.loss)}
          </span>
        )}
      </p>
      <Progress label={`Progress of ${current.label}`} step={current.step} steps={current.steps} note={left} />
    </div>
  )
}

function Progress({ label, step, steps, note }: { label: string; step: number; steps: number; note: string }) {
  const share = steps > 0 ? Math.min(1, step / steps) : 0
  return (
    <div className="progress">
      <progress aria-label={label} max={Math.max(1, steps)} value={Math.min(step, Math.max(1, steps))}>
        {showPercent(share, 0)}
      </progress>
      <p className="progress-words">
        <span>
          <Term name="step">step</Term> {groupDigits(step)} of {groupDigits(steps)}
        </span>
        <span>{note}</span>
        <span className="progress-share">{showPercent(share, 0)}</span>
      </p>
    </div>
  )
}
