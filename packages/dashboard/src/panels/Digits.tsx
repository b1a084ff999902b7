import { type KeyboardEvent, memo, useEffect, useRef, useState } from 'react'
import type { Sample } from '../api/shapes.ts'
import { groupDigits, showPercent } from '../model/amounts.ts'
import { confidencesOf, countRight, inkOf, pixelsOf, SIDE } from '../model/digits.ts'
import { Icon } from '../parts/Icon.tsx'
import { Empty, Missing, Panel } from '../parts/Panel.tsx'
import { useSlice } from '../store.ts'

/** Held-out digits, always the same ones, with what the model says of each now: to watch it learn. */
export function Digits() {
  const model = useSlice(state => state.training?.current?.model ?? state.models?.[0]?.id)
  const found = useSlice(state => (model === undefined ? undefined : state.samples[model]))
  const changed = useSlice(state => (model === undefined ? undefined : state.changed[model]))
  const error = useSlice(state => state.errors.samples ?? state.errors.models)
  const version = found && <span>version {groupDigits(found.version)}</span>
  return (
    <Panel title="What the model sees" area="digits" aside={version}>
      {found === undefined ? (
        <Missing what="digits" error={error} />
      ) : found.samples.length === 0 ? (
        <Empty title="No digits yet">
          The node fetches the images from its peers before it can show what the model says.
        </Empty>
      ) : (
        <Grid samples={found.samples} changed={changed} />
      )}
    </Panel>
  )
}

function Grid({ samples, changed }: { samples: readonly Sample[]; changed: ReadonlyMap<number, number> | undefined }) {
  const [chosen, choose] = useState(0)
  const grid = useRef<HTMLDivElement>(null)
  const at = Math.min(chosen, samples.length - 1)
  const sample = samples[at]
  const right = countRight(samples)

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const to = targetOf(event.key, at, samples.length, columnsOf(event.currentTarget))
    if (to === null) return
    event.preventDefault()
    choose(to)
    const cell = grid.current?.children[to]
    if (cell instanceof HTMLElement) cell.focus()
  }
  return (
    <>
      <p className="digits-count">
        <strong>
          {right} of {samples.length}
        </strong>{' '}
        of these held-out digits named right
        {changed !== undefined && changed.size > 0 && `, ${changed.size} answered anew`}.
      </p>
      <div
        ref={grid}
        className="digits"
        role="listbox"
        aria-label="Held-out digits"
        tabIndex={-1}
        onKeyDown={onKeyDown}
      >
        {samples.map((each, place) => (
          <Digit
            key={each.index}
            sample={each}
            before={changed?.get(each.index)}
            selected={place === at}
            onChoose={() => choose(place)}
          />
        ))}
      </div>
      {sample && <Confidence sample={sample} before={changed?.get(sample.index)} />}
    </>
  )
}

function targetOf(key: string, at: number, count: number, columns: number): number | null {
  const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  const step = steps[key]
  return step === undefined ? null : Math.min(count - 1, Math.max(0, at + step))
}

const columnsOf = (grid: HTMLElement): number => getComputedStyle(grid).gridTemplateColumns.split(' ').length

interface DigitProps {
  readonly sample: Sample
  readonly before: number | undefined
  readonly selected: boolean
  readonly onChoose: () => void
}

const Digit = memo(function Digit({ sample, before, selected, onChoose }: DigitProps) {
  const right = sample.predicted === sample.label
  const said = right ? `right: ${sample.predicted}` : `wrong: says ${sample.predicted}, is ${sample.label}`
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox around it moves by keyboard
    <div
      role="option"
      className="digit"
      data-right={right}
      data-changed={before !== undefined}
      aria-selected={selected}
      aria-label={before === undefined ? said : `${said}, before ${before}`}
      title={said}
      tabIndex={selected ? 0 : -1}
      onClick={onChoose}
    >
      <Ink pixels={sample.pixels} />
      <span className="digit-said" aria-hidden="true">
        {sample.predicted}
        <Icon name={right ? 'right' : 'wrong'} />
      </span>
    </div>
  )
}, sameDigit)

function sameDigit(a: DigitProps, b: DigitProps): boolean {
  return (
    a.selected === b.selected &&
    a.before === b.before &&
    a.sample.predicted === b.sample.predicted &&
    a.sample.label === b.sample.label &&
    a.sample.pixels === b.sample.pixels
  )
}

function Ink({ pixels }: { pixels: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    const grey = pixelsOf(pixels)
    if (!context) return
    context.clearRect(0, 0, SIDE, SIDE)
    if (grey !== null) context.putImageData(new ImageData(inkOf(grey), SIDE, SIDE), 0, 0)
  }, [pixels])
  return <canvas ref={canvas} width={SIDE} height={SIDE} />
}

function Confidence({ sample, before }: { sample: Sample; before: number | undefined }) {
  const confidences = confidencesOf(sample.confidence)
  const right = sample.predicted === sample.label
  return (
    <div className="confidence" aria-live="polite">
      <p>
        Digit {sample.index}:{' '}
        {right ? `a ${sample.label}, named right` : `a ${sample.label}, taken for a ${sample.predicted}`}
        {before !== undefined && `; the version before said ${before}`}.
      </p>
      {confidences === null ? (
        <p className="soft">The node gave no confidences for it.</p>
      ) : (
        <ul className="bars" aria-label="How sure the model is of each digit">
          {confidences.map((share, digit) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the index is the digit
            <li key={digit} data-label={digit === sample.label} title={`${digit}: ${showPercent(share)}`}>
              <span className="bar" aria-hidden="true">
                <span style={{ height: `${Math.max(2, share * 100)}%` }} />
              </span>
              <span>
                {digit}
                <span className="for-readers">: {showPercent(share, 0)}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
