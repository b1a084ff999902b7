import { type ReactNode, useState } from 'react'
import { sentenceOf } from '../api/client.ts'
import type { ModelRow } from '../api/shapes.ts'
import { groupDigits, heightName } from '../model/amounts.ts'
import { linkTo } from '../model/route.ts'
import { scoreWords, taskOf, taskWords } from '../model/scores.ts'
import { Dialog } from '../parts/Dialog.tsx'
import { Id } from '../parts/Id.tsx'
import { Empty, Missing, Panel } from '../parts/Panel.tsx'
import { useSession, useToken } from '../session.ts'
import { useSlice } from '../store.ts'
import { Unlock } from './Unlock.tsx'

/** Every model of the network, and which of them this node trains. */
export function Models() {
  const models = useSlice(state => state.models)
  const error = useSlice(state => state.errors.models)
  const only = useSlice(state => state.training?.only ?? null)
  const { ask, busy, refused, unlock } = useTrainOnly()
  return (
    <Panel title="Models" area="models" aside={models !== null && models.length > 1 && <Trained only={only} />}>
      {models === null ? (
        <Missing what="models" error={error} />
      ) : models.length === 0 ? (
        <Empty title="No model yet">The node has not read the network’s first state.</Empty>
      ) : (
        <Table models={models} only={only} busy={busy} onTrain={ask} />
      )}
      <p className="refused" role="status">
        {refused}
      </p>
      {unlock}
    </Panel>
  )
}

/** Tells the node what to train; without the token it asks for that first. */
function useTrainOnly() {
  const session = useSession()
  const token = useToken()
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  const [locked, setLocked] = useState(false)
  const ask = async (model: string | null) => {
    if (token === null) return setLocked(true)
    setBusy(true)
    setRefused(null)
    await session.trainOnly(token, model).catch(error => setRefused(sentenceOf(error)))
    setBusy(false)
  }
  const unlock = locked && (
    <Dialog title="This page may only look" className="modal" onClose={() => setLocked(false)}>
      <Unlock onUnlocked={() => setLocked(false)} />
    </Dialog>
  )
  return { ask, busy, refused, unlock }
}

function Trained({ only }: { only: string | null }) {
  return (
    <span>
      This node trains{' '}
      {only === null ? (
        'all of them, in turn'
      ) : (
        <>
          only <span className="mono">{only}</span>
        </>
      )}
    </span>
  )
}

interface TableProps {
  readonly models: readonly ModelRow[]
  readonly only: string | null
  readonly busy: boolean
  readonly onTrain: (model: string | null) => void
}

function Table({ models, only, busy, onTrain }: TableProps) {
  const several = models.length > 1 || only !== null
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="scroll models-scroll" tabIndex={0} aria-label="Models, scrolls">
      <table className="models">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" className="number">
              How good
            </th>
          </tr>
        </thead>
        <tbody>
          {models.map(model => (
            <Row key={model.id} model={model}>
              {several && (
                <button
                  type="button"
                  className="quiet"
                  disabled={busy}
                  onClick={() => onTrain(model.id === only ? null : model.id)}
                >
                  {model.id === only ? 'Train all' : 'Train only this'}
                  <span className="for-readers">
                    {' '}
                    ({model.id === only ? 'not only ' : ''}
                    {model.id})
                  </span>
                </button>
              )}
            </Row>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** `children`: what can be done with it. */
function Row({ model, children }: { model: ModelRow; children: ReactNode }) {
  const detail = useSlice(state => state.histories[model.id])
  const task = taskOf(model, detail)
  const score = scoreWords(model, task)
  return (
    <tr>
      <th scope="row">
        <span className="mono">{model.id}</span>
        <span className="under">
          {model.kind === null && model.tokenizer === null ? 'not fetched here yet' : taskWords[task]}, version{' '}
          {groupDigits(model.version)}; <RegisteredBy model={model} />
        </span>
      </th>
      <td className="number">
        <span className="model-score">{score ?? <span className="soft">not measured yet</span>}</span>
        {children}
      </td>
    </tr>
  )
}

function RegisteredBy({ model: { owner, ownerName, registeredAt } }: { model: ModelRow }) {
  if (owner === null) return 'the network began with it'
  return (
    <>
      registered by <Id id={owner} kind="account" name={ownerName} />
      {registeredAt > 0 && (
        <>
          {' in '}
          <a href={linkTo('block', registeredAt)}>{heightName(registeredAt)}</a>
        </>
      )}
    </>
  )
}
