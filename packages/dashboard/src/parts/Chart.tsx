import { useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { colourOf, useDark } from './theme.ts'

export interface Line {
  readonly label: string
  readonly colour: string
  readonly width: number
  readonly points?: boolean
}

interface ChartProps {
  /** The whole curve in a sentence, for those who do not see it. */
  readonly summary: string
  /** x, then one list of values for each line. */
  readonly data: readonly (readonly (number | null)[])[]
  readonly lines: readonly Line[]
  readonly showX: (x: number) => string
  readonly showY: (y: number) => string
  /** What stands under the curve for the point pointed at; the last one where the pointer is elsewhere. */
  readonly readout: (index: number) => string
  readonly range?: ((min: number, max: number) => [number, number]) | undefined
}

/** A curve that draws itself when its data, its size or the theme change, and at no other time. */
export function Chart({ summary, data, lines, showX, showY, readout, range }: ChartProps) {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const [at, setAt] = useState<number | null>(null)
  const dark = useDark()
  const latest = useRef({ data, lines, showX, showY, range })
  latest.current = { data, lines, showX, showY, range }
  const count = data[0]?.length ?? 0

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme is what the colours are read from
  useEffect(() => {
    const element = host.current
    if (element === null) return
    const now = latest.current
    const made = new uPlot(optionsOf(element, latest, setAt), now.data as uPlot.AlignedData, element)
    plot.current = made
    const watch = new ResizeObserver(() => made.setSize(sizeOf(element)))
    watch.observe(element)
    return () => {
      watch.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [dark])

  useEffect(() => {
    plot.current?.setData(data as uPlot.AlignedData)
  }, [data])

  const shown = at !== null && at < count ? at : count - 1
  return (
    <figure className="chart">
      <div className="chart-plot" ref={host} role="img" aria-label={summary} />
      <figcaption>
        {lines.map(line => (
          <span key={line.label} className="chart-key">
            <svg viewBox="0 0 18 6" aria-hidden="true">
              <line
                x1="0"
                x2="18"
                y1="3"
                y2="3"
                strokeWidth={line.width + 0.5}
                style={{ stroke: `var(${line.colour})` }}
              />
            </svg>
            {line.label}
          </span>
        ))}
        <span className="chart-readout">{count > 0 ? readout(shown) : ''}</span>
      </figcaption>
    </figure>
  )
}

interface Latest {
  readonly current: Pick<ChartProps, 'data' | 'lines' | 'showX' | 'showY' | 'range'>
}

const sizeOf = (element: HTMLElement) => ({
  width: Math.max(120, Math.floor(element.clientWidth)),
  height: Math.max(100, Math.floor(element.clientHeight)),
})

function optionsOf(element: HTMLElement, latest: Latest, onPoint: (index: number | null) => void): uPlot.Options {
  const style = getComputedStyle(element)
  const em = Math.round(Number.parseFloat(style.fontSize))
  const font = `${em}px ${style.fontFamily}`
  const axis = {
    font,
    stroke: colourOf(element, '--ink-soft'),
    grid: { stroke: colourOf(element, '--hairline'), width: 1 },
    ticks: { show: false },
  }
  return {
    ...sizeOf(element),
    padding: [em / 2, em * 1.6, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: false },
      y: { range: (_plot, min, max) => (latest.current.range ?? roomy)(min ?? 0, max ?? 1) },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: em * 6,
        size: em * 2.4,
        values: (_plot, ticks) => ticks.map(x => latest.current.showX(x)),
      },
      { ...axis, space: em * 3, size: em * 4.6, values: (_plot, ticks) => ticks.map(y => latest.current.showY(y)) },
    ],
    series: [
      {},
      ...latest.current.lines.map(line => ({
        label: line.label,
        stroke: colourOf(element, line.colour),
        width: line.width,
        points: { show: line.points ?? false, size: 6, fill: colourOf(element, '--paper') },
      })),
    ],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    hooks: { setCursor: [plot => onPoint(plot.cursor.idx ?? null)] },
  }
}

/** A little air around the curve; a flat one stands in the middle. */
function roomy(min: number, max: number): [number, number] {
  const air = max > min ? (max - min) * 0.08 : Math.max(Math.abs(max) * 0.1, 0.01)
  return [Math.max(0, min - air), max + air]
}
