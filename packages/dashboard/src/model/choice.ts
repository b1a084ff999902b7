import type { ModelRow, Training } from '../api/shapes.ts'

interface Known {
  readonly chosen: string | null
  readonly models: readonly ModelRow[] | null
  readonly training: Training | null
}

/**
 * Which model the page shows: the one that was chosen, else the one that this node trains as the page opens. It then
 * stays, since a node that trains several goes from one to the next all the time.
 */
export function settleChoice({ chosen, models, training }: Known): string | null {
  if (models === null || models.some(({ id }) => id === chosen)) return chosen
  const current = models.find(({ id }) => id === training?.current?.model)
  // Before the node said what it trains, nothing is settled.
  return training === null ? chosen : ((current ?? models[0])?.id ?? chosen)
}

/** The model on show; undefined while none is known. */
export function shownModel({ chosen, models }: Known): ModelRow | undefined {
  return models?.find(({ id }) => id === chosen) ?? models?.[0]
}

const KEY = 'hydra.model'

export function rememberedChoice(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

export function rememberChoice(model: string): void {
  try {
    localStorage.setItem(KEY, model)
  } catch {
    // The choice then lasts as long as the page.
  }
}
