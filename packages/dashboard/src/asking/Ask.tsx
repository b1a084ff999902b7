import { type KeyboardEvent, useEffect, useState } from 'react'
import { shownModel } from '../model/choice.ts'
import { plural } from '../model/words.ts'
import { Unlock } from '../panels/Unlock.tsx'
import { Dialog } from '../parts/Dialog.tsx'
import { Empty, Missing, Panel } from '../parts/Panel.tsx'
import { useSession, useToken } from '../session.ts'
import { useSlice } from '../store.ts'
import { AskForm } from './AskForm.tsx'
import type { Askable } from './askEvents.ts'
import { Dialogue } from './Dialogue.tsx'
import { blankDraft, checkDraft, type Draft, type DraftErrors, shortageOf } from './draft.ts'
import { announcementOf, isRunning } from './exchange.ts'
import { useExchanges } from './useExchanges.ts'

/** Asks the network's language models, for a price that is named before. */
export function Ask() {
  const askable = useSlice(state => state.askable)
  const error = useSlice(state => state.errors.askable)
  const { all, ask, stop } = useExchanges()
  const running = all[0] !== undefined && isRunning(all[0])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !running || event.defaultPrevented) return
    event.preventDefault()
    stop()
  }
  return (
    <Panel title="Ask" area="ask" aside={askable !== null && <Servers askable={askable} />} onKeyDown={onKeyDown}>
      {askable === null ? (
        <Missing what="models to ask" error={error} />
      ) : askable.length === 0 ? (
        <Empty title="No model here can be asked">
          This network trains no language model yet. Anybody can register one:
          <code> ./hydra_node model create</code>
        </Empty>
      ) : (
        <Asking askable={askable} running={running} exchanges={{ all, ask, stop }} />
      )}
      <p role="status" className="for-readers">
        {announcementOf(all[0])}
      </p>
      <Dialogue exchanges={all} />
    </Panel>
  )
}

function Servers({ askable }: { askable: readonly Askable[] }) {
  const servers = Math.max(0, ...askable.map(model => model.servers))
  return <span>{servers === 0 ? 'nobody answers now' : `${plural(servers, 'peer')} can answer`}</span>
}

interface AskingProps {
  readonly askable: readonly Askable[]
  readonly running: boolean
  readonly exchanges: ReturnType<typeof useExchanges>
}

function Asking({ askable, running, exchanges: { all, ask, stop } }: AskingProps) {
  const session = useSession()
  const token = useToken()
  const shown = useSlice(state => shownModel(state)?.id)
  const balance = useSlice(state => (state.wallet ?? state.account)?.balance ?? null)
  const [chosen, choose] = useState<string | null>(null)
  const [draft, setDraft] = useState<Draft>(blankDraft)
  const [errors, setErrors] = useState<DraftErrors>({})
  const [locked, setLocked] = useState(false)
  // A choice of its own, else the model on show, else the first that somebody answers for.
  const of = (id: string | null | undefined) => askable.find(({ model }) => model === id)
  const model = of(chosen) ?? of(shown) ?? askable.find(({ servers }) => servers > 0) ?? askable[0]
  const [newest] = all
  const begun = newest !== undefined && newest.text !== '' ? newest.question.question : null
  // The question stays in its box until somebody answers it.
  useEffect(() => {
    if (begun !== null) setDraft(held => (held.question.trim() === begun ? { ...held, question: '' } : held))
  }, [begun])
  if (model === undefined) return null

  const submit = () => {
    if (running) return
    const checked = checkDraft(draft, model.model)
    const shortage = shortageOf(model.price, balance)
    const { question } = checked
    setErrors(shortage === null || question === null ? checked.errors : { question: shortage })
    if (question === null || shortage !== null) return
    if (token === null) return setLocked(true)
    void ask(token, question).then(() => session.refreshWallet())
  }
  return (
    <>
      <AskForm
        askable={askable}
        model={model}
        draft={draft}
        errors={errors}
        balance={balance}
        running={running}
        onModel={choose}
        onDraft={change => {
          setDraft({ ...draft, ...change })
          setErrors({})
        }}
        onFocus={() => void session.refreshAskable()}
        onSubmit={submit}
        onStop={stop}
      />
      {locked && (
        <Dialog title="This page may only look" className="modal" onClose={() => setLocked(false)}>
          <Unlock onUnlocked={() => setLocked(false)} />
        </Dialog>
      )}
    </>
  )
}
