import { type KeyboardEvent, useId } from 'react'
import { showAmount } from '../model/amounts.ts'
import { Field } from '../parts/Field.tsx'
import type { Askable } from './askEvents.ts'
import { type Draft, type DraftErrors, MAX_TOKENS } from './draft.ts'

interface AskFormProps {
  readonly askable: readonly Askable[]
  readonly model: Askable
  readonly draft: Draft
  readonly errors: DraftErrors
  readonly balance: string | null
  readonly running: boolean
  readonly onModel: (model: string) => void
  readonly onDraft: (change: Partial<Draft>) => void
  readonly onFocus: () => void
  readonly onSubmit: () => void
  readonly onStop: () => void
}

/** The question, whom it goes to, what it costs, and how the answer is drawn. */
export function AskForm(props: AskFormProps) {
  const { askable, model, draft, errors, balance, running, onModel, onDraft, onFocus, onSubmit, onStop } = props
  const id = useId()
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter that ends the writing of a word in Chinese or Japanese is not meant for the page.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    onSubmit()
  }
  return (
    <form
      className="ask-form"
      noValidate
      onSubmit={event => {
        event.preventDefault()
        onSubmit()
      }}
    >
      {askable.length > 1 && (
        <div className="ask-model">
          <label htmlFor={`${id}-model`}>Model</label>
          <select id={`${id}-model`} value={model.model} onChange={event => onModel(event.target.value)}>
            {askable.map(({ model: name, servers }) => (
              <option key={name} value={name}>
                {servers === 0 ? `${name}, nobody answers now` : name}
              </option>
            ))}
          </select>
        </div>
      )}
      <label htmlFor={`${id}-question`}>Question</label>
      <textarea
        id={`${id}-question`}
        rows={3}
        maxLength={2_000}
        value={draft.question}
        placeholder="What is machine learning?"
        aria-invalid={errors.question !== undefined}
        aria-describedby={`${id}-cost ${id}-wrong`}
        onFocus={onFocus}
        onKeyDown={onKeyDown}
        onChange={event => onDraft({ question: event.target.value })}
      />
      <p className="refused" id={`${id}-wrong`} role="status">
        {errors.question}
      </p>
      <div className="ask-send">
        {running ? (
          <button type="button" key="stop" onClick={onStop}>
            Stop
          </button>
        ) : (
          <button type="submit" key="ask" className="primary">
            Ask for {showAmount(model.price)} HYDRA
          </button>
        )}
        <p className="soft" id={`${id}-cost`}>
          {balance === null ? 'Paid' : `${showAmount(balance)} in the wallet; paid`} only for a whole answer. Enter
          asks, Escape stops.
        </p>
      </div>
      {model.servers === 0 && (
        <p className="soft">
          No connected peer answers for {model.model} right now. The question is tried all the same; without an answer
          nothing is paid.
        </p>
      )}
      <Options draft={draft} errors={errors} onDraft={onDraft} />
    </form>
  )
}

function Options({ draft, errors, onDraft }: Pick<AskFormProps, 'draft' | 'errors' | 'onDraft'>) {
  const field = (name: keyof Draft, label: string, hint: string) => (
    <Field
      label={label}
      hint={hint}
      inputMode={name === 'seed' ? 'text' : 'decimal'}
      value={draft[name]}
      error={errors[name]}
      onChange={value => onDraft({ [name]: value })}
    />
  )
  return (
    <details className="ask-options">
      <summary>How the answer is drawn</summary>
      <p className="soft">
        Usually the model gives its likeliest words, so that the same question has the same answer. A temperature above
        0 lets chance in; the same seed then gives the same chance.
      </p>
      <div className="ask-fields">
        {field('temperature', 'Temperature', '0 to 10, such as 0.8')}
        {field('topK', 'Top-k: only the likeliest so many', 'all')}
        {field('topP', 'Top-p: only this share of the chance', '0 to 1')}
        {field('seed', 'Seed', 'by chance')}
        {field('maxTokens', 'Tokens at most', `1 to ${MAX_TOKENS}`)}
      </div>
    </details>
  )
}
