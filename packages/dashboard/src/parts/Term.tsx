import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react'
import { type TermName, terms } from '../model/words.ts'

const MARGIN_PX = 8

/**
 * A word with its meaning on hover, focus or touch. Escape puts it away without moving the focus, and the pointer may
 * travel onto the explanation (WCAG 1.4.13).
 */
export function Term({ name, children }: { name: TermName; children: ReactNode }) {
  const id = useId()
  const word = useRef<HTMLButtonElement>(null)
  const note = useRef<HTMLSpanElement>(null)

  const show = () => {
    if (!word.current || !note.current || isOpen(note.current)) return
    note.current.showPopover()
    place(word.current, note.current)
  }
  const hide = () => {
    if (note.current && isOpen(note.current)) note.current.hidePopover()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !note.current || !isOpen(note.current)) return
    event.stopPropagation()
    event.preventDefault()
    hide()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hovering only repeats what focusing the button shows
    <span className="term" onMouseEnter={show} onMouseLeave={hide}>
      <button
        ref={word}
        type="button"
        className="term-word"
        aria-describedby={id}
        onFocus={show}
        onBlur={hide}
        onClick={show}
        onKeyDown={onKeyDown}
      >
        {children}
      </button>
      <span ref={note} role="tooltip" id={id} className="term-note" popover="manual">
        {terms[name]}
      </span>
    </span>
  )
}

const isOpen = (note: HTMLElement): boolean => note.matches(':popover-open')

/** Below the word, or above where there is no room; never over the edge of a narrow window. */
function place(word: HTMLElement, note: HTMLElement): void {
  const at = word.getBoundingClientRect()
  const { width, height } = note.getBoundingClientRect()
  const left = Math.min(Math.max(MARGIN_PX, at.left), window.innerWidth - width - MARGIN_PX)
  const below = at.bottom + height + MARGIN_PX < window.innerHeight
  note.style.left = `${Math.max(MARGIN_PX, left)}px`
  note.style.top = `${below ? at.bottom : Math.max(MARGIN_PX, at.top - height)}px`
}
