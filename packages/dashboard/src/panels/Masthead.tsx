import { setTheme, type Theme, themes, useTheme } from '../parts/theme.ts'
import { useSlice } from '../store.ts'

const names: Record<Theme, string> = { system: 'Automatic', light: 'Light', dark: 'Dark' }

/** The top line: whose node this is, and how the page looks. */
export function Masthead() {
  const node = useSlice(state => state.status?.node.name)
  const chain = useSlice(state => state.status?.chain.id)
  const theme = useTheme()
  return (
    <header className="masthead">
      <p className="brand">
        <svg viewBox="0 0 32 32" aria-hidden="true" className="brand-mark">
          <g fill="none" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round">
            <path d="M16 28V15M16 18C16 11 8 13 8 7M16 18c0-7 8-5 8-11M16 15V6" />
          </g>
          <g fill="var(--accent)">
            <circle cx="8" cy="6" r="2.6" />
            <circle cx="16" cy="5" r="2.6" />
            <circle cx="24" cy="6" r="2.6" />
          </g>
        </svg>
        HydraAI
      </p>
      <p className="masthead-where">
        {node !== undefined && <span>{node}</span>}
        {chain !== undefined && <span className="mono">{chain}</span>}
      </p>
      <label className="theme">
        <span className="for-readers">Colours</span>
        <select value={theme} onChange={event => setTheme(event.target.value as Theme)}>
          {themes.map(name => (
            <option key={name} value={name}>
              {names[name]}
            </option>
          ))}
        </select>
      </label>
    </header>
  )
}
