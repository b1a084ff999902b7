import type { ModelRow } from '../api/shapes.ts'
import { groupDigits, heightName } from '../model/amounts.ts'
import { showDuration } from '../model/time.ts'
import { blocksLeft, isFounding, phaseIndex } from '../model/training.ts'
import { humanise, plural, settlingPhases, workPhases } from '../model/words.ts'
import { Term } from '../parts/Term.tsx'
import { useSlice } from '../store.ts'

/** The round at work and the one being checked meanwhile, each as a scale with one segment a phase. */
export function Round({ model }: { model: ModelRow }) {
  if (isFounding(model)) return <Founding model={model} />
  const { settling } = model
  return (
    <div className="rounds">
      <Side
        side="work"
        round={model.round}
        phase={model}
        does={`at work${model.updates > 0 ? `, ${plural(model.updates, 'unit')} so far` : ''}`}
      />
      {settling === null ? (
        <Idle />
      ) : (
        <Side
          side="settling"
          round={settling.round}
          phase={settling}
          does={`being checked, makes version ${groupDigits(model.version + 1)}`}
        />
      )}
    </div>
  )
}

function Founding({ model }: { model: ModelRow }) {
  return (
    <div className="rounds">
      <div className="round">
        <h3>
          <Term name="round">Round</Term> {groupDigits(model.round)}
          <span className="soft"> founds the model</span>
        </h3>
        <p className="soft round-about">
          Every node works out its first parameters and compares them.
          <Until phase={model} />
        </p>
      </div>
    </div>
  )
}

/** Nothing is being checked: the second scale stands there empty, so that nothing jumps when a round comes to it. */
function Idle() {
  return (
    <div className="round">
      <h3>
        <span className="soft">No round is being checked</span>
      </h3>
      <Scale side="settling" now={-1} />
      <p className="soft round-about">It begins when the results of the round at work are in.</p>
    </div>
  )
}

interface Phase {
  readonly phase: string
  readonly phaseEndsAt: number | null
}

interface SideProps {
  readonly side: 'work' | 'settling'
  readonly round: number
  readonly phase: Phase
  readonly does: string
}

function Side({ side, round, phase, does }: SideProps) {
  const now = phaseIndex(phase, side)
  const about = (side === 'work' ? workPhases : settlingPhases)[now]?.about ?? `Phase: ${humanise(phase.phase)}.`
  return (
    <div className="round">
      <h3>
        <Term name="round">Round</Term> {groupDigits(round)}
        <span className="soft"> {does}</span>
      </h3>
      <Scale side={side} now={now} />
      <p className="soft round-about">
        {about}
        <Until phase={phase} />
      </p>
    </div>
  )
}

function Scale({ side, now }: { side: 'work' | 'settling'; now: number }) {
  return (
    <ol className="phases">
      {(side === 'work' ? workPhases : settlingPhases).map((phase, at) => (
        <li
          key={phase.id}
          data-when={now === -1 ? 'later' : at < now ? 'past' : at === now ? 'now' : 'later'}
          aria-current={at === now ? 'step' : undefined}
          title={phase.about}
        >
          {phase.name}
        </li>
      ))}
    </ol>
  )
}

function Until({ phase }: { phase: Phase }) {
  const chain = useSlice(state => state.status?.chain)
  if (chain === undefined || !chain.synced || phase.phaseEndsAt === null) return null
  const left = blocksLeft(phase, chain.height)
  if (left === null || left === 0) return null
  return (
    <>
      {' '}
      Planned until block {heightName(phase.phaseEndsAt)}, {plural(left, 'block')} or about{' '}
      {showDuration(left * chain.blockIntervalMs)} from now.
    </>
  )
}
