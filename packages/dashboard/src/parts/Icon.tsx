const paths = {
  right: 'M3 8.5 6.5 12 13 4.5',
  wrong: 'M4 4l8 8M12 4l-8 8',
  warn: 'M8 3v6M8 12v1',
  busy: 'M8 2a6 6 0 1 1 0 12a6 6 0 0 1 0-12M8 5v3l2 2',
} as const

/** A mark drawn in the text's colour. Its meaning is always in words beside it. */
export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d={paths[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="2.2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
