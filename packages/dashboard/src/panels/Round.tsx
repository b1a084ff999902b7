import type { ModelRow, RoundUpdate } from '../api/shapes.ts'
import { groupDigits, heightName, showLoss } from '../model/amounts.ts'
import { showDuration } from '../model/time.ts'
import { blocksLeft, isFounding, phaseIndex, updateStanding } from '../model/training.ts'
import { humanise, phases, plural } from '../model/words.ts'
import { Id } from '../parts/Id.tsx'
import { Term } from '../parts/Term.tsx'
import { useSlice } from '../store.ts'

/** The round under way, as a scale with one segment a phase, and the updates it has so far. */
export function Round({ model }: { model: ModelRow }) {
  const chain = useSlice(state => state.status?.chain)
  const updates = useSlice(state => state.histories[model.id]?.updates)
  const now = phaseIndex(model)
  const left = chain === undefined || !chain.synced ? null : blocksLeft(model, chain.height)
  return (
    <div className="round">
      <h3>
        <Term name="round">Round</Term> {groupDigits(model.round)}
        <span className="soft">
          {' '}
          {isFounding(model) ? 'founds the model' : `makes version ${groupDigits(model.version + 1)}`}
        </span>
      </h3>
      <ol className="phases">
        {phases.map((phase, at) => (
          <li
            key={phase.id}
            data-when={at < now ? 'past' : at === now ? 'now' : 'later'}
            aria-current={at === now ? 'step' : undefined}
            title={phase.about}
          >
            {phase.name}
          </li>
        ))}
      </ol>
      <p className="soft round-about">
        {isFounding(model) &&
          'The model is being founded: every node works out its first parameters and compares them. '}
        {phases[now]?.about ?? `Phase: ${humanise(model.phase)}.`}
        {left !== null && model.phaseEndsAt !== null && chain !== undefined && left > 0 && (
          <>
            {' '}
            Planned until block {heightName(model.phaseEndsAt)}, {plural(left, 'block')} or about{' '}
            {showDuration(left * chain.blockIntervalMs)} from now.
          </>
        )}
      </p>
      {updates !== undefined && updates.length > 0 && <Updates updates={updates} />}
    </div>
  )
}

function Updates({ updates }: { updates: readonly RoundUpdate[] }) {
  return (
    <details className="updates">
      <summary>{plural(updates.length, 'unit')} in this round so far</summary>
      <ul>
        {updates.map(update => (
          <li key={`${update.trainer} ${update.unit}`}>
            <span>
              {update.label} by <Id id={update.trainer} kind="account" name={update.trainerName} />
            </span>
            <span className="soft">
              {update.lossBefore !== null && update.lossAfter !== null && (
                <>
                  loss {showLoss(update.lossBefore)} → {showLoss(update.lossAfter)},{' '}
                </>
              )}
              <Term name="verdict">{updateStanding(update)}</Term>
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}
