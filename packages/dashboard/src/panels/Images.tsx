import { type KeyboardEvent, memo, useEffect, useMemo, useRef, useState } from 'react'
import type { ModelRow, Sample, Samples } from '../api/shapes.ts'
import { groupDigits } from '../model/amounts.ts'
import {
  areInk,
  countRight,
  type ImageShape,
  imageShapeOf,
  type Labels,
  labelsOf,
  pixelsOf,
  rgbaOf,
} from '../model/images.ts'
import { Icon } from '../parts/Icon.tsx'
import { Empty, Missing, Panel } from '../parts/Panel.tsx'
import { useSlice } from '../store.ts'
import { Confidence } from './Confidence.tsx'

/** Held-out images, always the same ones, with what the model says of each now: to watch it learn. */
export function Images({ model }: { model: ModelRow | undefined }) {
  const found = useSlice(state => (model === undefined ? undefined : state.samples[model.id]))
  const error = useSlice(state => state.errors.samples ?? state.errors.models)
  const version = found && <span>version {groupDigits(found.version)}</span>
  return (
    <Panel title="What the model sees" area="images" aside={version}>
      {found === undefined ? (
        <Missing what="images" error={error} />
      ) : found.samples.length === 0 || model === undefined ? (
        <Empty title="No images yet">
          The node fetches the images from its peers before it can show what the model says.
        </Empty>
      ) : (
        <Grid key={model.id} model={model.id} found={found} />
      )}
    </Panel>
  )
}

function Grid({ model, found }: { model: string; found: Samples }) {
  const { samples } = found
  const changed = useSlice(state => state.changed[model])
  const [chosen, choose] = useState(0)
  const grid = useRef<HTMLDivElement>(null)
  const at = Math.min(chosen, samples.length - 1)
  const sample = samples[at]
  const labels = useMemo(() => labelsOf(found.classNames), [found.classNames])
  const look = useMemo(() => lookOf(found), [found])

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
      <p className="images-count">
        <strong>
          {countRight(samples)} of {samples.length}
        </strong>{' '}
        of these held-out {labels.thing}s named right
        {changed !== undefined && changed.size > 0 && `, ${changed.size} answered anew`}.
      </p>
      <div
        ref={grid}
        className="images"
        data-named={labels.thing === 'image'}
        role="listbox"
        aria-label={`Held-out ${labels.thing}s`}
        tabIndex={-1}
        onKeyDown={onKeyDown}
      >
        {samples.map((each, place) => (
          <Cell
            key={each.index}
            sample={each}
            labels={labels}
            look={look}
            before={changed?.get(each.index)}
            selected={place === at}
            onChoose={() => choose(place)}
          />
        ))}
      </div>
      {sample && <Confidence sample={sample} labels={labels} before={changed?.get(sample.index)} />}
    </>
  )
}

/** How the images are drawn, all in one way; null where the node gave no bytes that fit. */
interface Look {
  readonly shape: ImageShape
  readonly ink: boolean
}

function lookOf({ samples, shape: given }: Samples): Look | null {
  const images = samples.flatMap(({ pixels }) => pixelsOf(pixels) ?? [])
  const shape = imageShapeOf(given, images[0]?.length ?? 0)
  return shape && { shape, ink: areInk(images, shape) }
}

function targetOf(key: string, at: number, count: number, columns: number): number | null {
  const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  const step = steps[key]
  return step === undefined ? null : Math.min(count - 1, Math.max(0, at + step))
}

const columnsOf = (grid: HTMLElement): number => getComputedStyle(grid).gridTemplateColumns.split(' ').length

interface CellProps {
  readonly sample: Sample
  readonly labels: Labels
  readonly look: Look | null
  readonly before: number | undefined
  readonly selected: boolean
  readonly onChoose: () => void
}

const Cell = memo(function Cell({ sample, labels, look, before, selected, onChoose }: CellProps) {
  const { nameOf } = labels
  const predicted = nameOf(sample.predicted)
  const right = sample.predicted === sample.label
  const said = right ? `right: ${predicted}` : `wrong: says ${predicted}, is ${nameOf(sample.label)}`
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox around it moves by keyboard
    <div
      role="option"
      className="image"
      data-right={right}
      data-changed={before !== undefined}
      aria-selected={selected}
      aria-label={before === undefined ? said : `${said}, before ${nameOf(before)}`}
      title={said}
      tabIndex={selected ? 0 : -1}
      onClick={onChoose}
    >
      <Picture pixels={sample.pixels} look={look} />
      <span className="image-said" aria-hidden="true">
        <span className="image-name">{predicted}</span>
        <Icon name={right ? 'right' : 'wrong'} />
      </span>
    </div>
  )
}, sameCell)

function sameCell(a: CellProps, b: CellProps): boolean {
  return (
    a.selected === b.selected &&
    a.before === b.before &&
    a.labels === b.labels &&
    a.look?.ink === b.look?.ink &&
    a.look?.shape.width === b.look?.shape.width &&
    a.look?.shape.height === b.look?.shape.height &&
    a.sample.predicted === b.sample.predicted &&
    a.sample.label === b.sample.label &&
    a.sample.pixels === b.sample.pixels
  )
}

function Picture({ pixels, look }: { pixels: string; look: Look | null }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { width, height } = look?.shape ?? { width: 1, height: 1 }
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    const bytes = pixelsOf(pixels)
    if (!context) return
    context.clearRect(0, 0, width, height)
    if (bytes === null || look === null || bytes.length !== width * height * look.shape.channels) return
    context.putImageData(new ImageData(rgbaOf(bytes, look.shape, look.ink), width, height), 0, 0)
  }, [pixels, look, width, height])
  return <canvas ref={canvas} width={width} height={height} data-ink={look?.ink ?? true} />
}
