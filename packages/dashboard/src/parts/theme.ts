import { useSyncExternalStore } from 'react'

const KEY = 'hydra.theme'
export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const root = document.documentElement
const listeners = new Set<() => void>()
const announce = () => {
  for (const listener of listeners) listener()
}
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', announce)

const current = (): Theme => {
  const theme = root.dataset.theme
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

export function setTheme(theme: Theme): void {
  if (theme === 'system') delete root.dataset.theme
  else root.dataset.theme = theme
  try {
    if (theme === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, theme)
  } catch {
    // The choice then lasts as long as the page.
  }
  announce()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, current)

/** Whether dark is shown now, whoever decided it; what is drawn on a canvas follows it. */
export const useDark = (): boolean =>
  useSyncExternalStore(subscribe, () => {
    const theme = current()
    return theme === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark'
  })

/** A custom property as a colour that a canvas understands, `light-dark()` resolved. */
export function colourOf(host: HTMLElement, property: string): string {
  const probe = document.createElement('i')
  probe.style.color = `var(${property})`
  host.append(probe)
  const colour = getComputedStyle(probe).color
  probe.remove()
  return colour
}
