import { type ReactNode, useEffect, useId, useRef } from 'react'

interface DialogProps {
  readonly title: string
  readonly className: string
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A modal: the browser keeps the focus inside, closes it on Escape, and gives the focus back. */
export function Dialog({ title, className, onClose, children }: DialogProps) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  const close = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    const element = dialog.current
    if (element && !element.open) element.showModal()
    return () => element?.close()
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another title is another content, read from its top
  useEffect(() => {
    dialog.current?.scrollTo(0, 0)
    if (!dialog.current?.contains(document.activeElement)) close.current?.focus()
  }, [title])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape and the close button do the same as a click beside the dialog
    <dialog
      ref={dialog}
      className={className}
      aria-labelledby={id}
      onCancel={event => {
        event.preventDefault()
        onClose()
      }}
      onClick={event => {
        if (event.target === event.currentTarget) onClose()
      }}
    >
      <div className="dialog-body">
        <header className="dialog-head">
          <h2 id={id}>{title}</h2>
          <button ref={close} type="button" className="quiet" onClick={onClose}>
            Close
          </button>
        </header>
        {children}
      </div>
    </dialog>
  )
}
