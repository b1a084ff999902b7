/** Held-out digits: 28 × 28 grey bytes, 0 is paper and 255 is ink. */
export const SIDE = 28
export const PIXELS = SIDE * SIDE

/** The bytes of a digit, or null when the text is not 784 bytes of base64. */
export function pixelsOf(base64: string): Uint8Array | null {
  if (base64.length > 2 * PIXELS) return null
  let binary: string
  try {
    binary = atob(base64)
  } catch {
    return null
  }
  return binary.length === PIXELS ? Uint8Array.from(binary, char => char.charCodeAt(0)) : null
}

/** RGBA with the ink as opacity, so that the page's own colours show through. */
export function inkOf(pixels: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(pixels.length * 4)
  pixels.forEach((ink, at) => {
    rgba[at * 4 + 3] = ink
  })
  return rgba
}

interface Answer {
  readonly index: number
  readonly label: number
  readonly predicted: number
}

export function countRight(samples: readonly Answer[]): number {
  return samples.filter(sample => sample.predicted === sample.label).length
}

/** Which digits the model now answers otherwise: index → what it said before. */
export function changedAnswers(before: readonly Answer[], after: readonly Answer[]): ReadonlyMap<number, number> {
  const earlier = new Map(before.map(sample => [sample.index, sample.predicted]))
  const changed = new Map<number, number>()
  for (const sample of after) {
    const said = earlier.get(sample.index)
    if (said !== undefined && said !== sample.predicted) changed.set(sample.index, said)
  }
  return changed
}

/** Confidences that a bar chart can trust: one for each class, each within 0..1; null otherwise. */
export function confidencesOf(values: readonly number[]): readonly number[] | null {
  if (values.length < 2 || values.length > 20 || values.some(value => value < 0 || value > 1.0001)) return null
  return values
}
