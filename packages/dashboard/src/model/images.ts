/** Shape of one held-out image: bytes channel by channel, each row by row. */
export interface ImageShape {
  readonly channels: 1 | 3
  readonly height: number
  readonly width: number
}

/** What is drawn at most, each way: a canvas from a stranger's document must not fill the memory. */
const MAX_SIDE = 256
export const DIGIT: ImageShape = { channels: 1, height: 28, width: 28 }

/**
 * The shape that the node tells. Where it tells none, or one of flat features, the number of bytes is left: of a square
 * image in grey, such as 784 for a digit, or in colours. Null where nothing fits.
 */
export function imageShapeOf(shape: readonly number[], bytes: number): ImageShape | null {
  if (shape.length === 3) {
    const [channels, height, width] = shape
    if ((channels !== 1 && channels !== 3) || !isSide(height) || !isSide(width)) return null
    return channels * height * width === bytes ? { channels, height, width } : null
  }
  for (const channels of [1, 3] as const) {
    const side = Math.round(Math.sqrt(bytes / channels))
    if (isSide(side) && side * side * channels === bytes) return { channels, height: side, width: side }
  }
  return null
}

const isSide = (side: number | undefined): side is number =>
  side !== undefined && Number.isInteger(side) && side >= 1 && side <= MAX_SIDE

/** The bytes of an image, or null when the text is no base64 or too long. */
export function pixelsOf(base64: string): Uint8Array | null {
  if (base64.length > 4 * MAX_SIDE * MAX_SIDE) return null
  try {
    return Uint8Array.from(atob(base64), char => char.charCodeAt(0))
  } catch {
    return null
  }
}

/**
 * Whether grey images are ink on paper, 0 being paper, as handwritten digits are: their edges are nearly all paper. A
 * photograph is not, and is drawn as it is.
 */
export function areInk(images: readonly Uint8Array[], { channels, height, width }: ImageShape): boolean {
  if (channels !== 1) return false
  let edge = 0
  let paper = 0
  for (const pixels of images) {
    pixels.forEach((grey, at) => {
      const row = Math.floor(at / width)
      const column = at % width
      if (row !== 0 && row !== height - 1 && column !== 0 && column !== width - 1) return
      edge += 1
      if (grey < 32) paper += 1
    })
  }
  return paper > 0.75 * edge
}

/** RGBA: ink as black of its own opacity, so that the page's colours show through; anything else as it is. */
export function rgbaOf(
  pixels: Uint8Array,
  { channels, height, width }: ImageShape,
  ink: boolean,
): Uint8ClampedArray<ArrayBuffer> {
  const area = height * width
  const rgba = new Uint8ClampedArray(area * 4)
  for (let at = 0; at < area; at++) {
    if (ink) {
      rgba[at * 4 + 3] = pixels[at] ?? 0
      continue
    }
    for (let channel = 0; channel < 3; channel++)
      rgba[at * 4 + channel] = pixels[channels === 1 ? at : channel * area + at] ?? 0
    rgba[at * 4 + 3] = 255
  }
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

/** Which images the model now answers otherwise: index → what it said before. */
export function changedAnswers(before: readonly Answer[], after: readonly Answer[]): ReadonlyMap<number, number> {
  const earlier = new Map(before.map(sample => [sample.index, sample.predicted]))
  const changed = new Map<number, number>()
  for (const sample of after) {
    const said = earlier.get(sample.index)
    if (said !== undefined && said !== sample.predicted) changed.set(sample.index, said)
  }
  return changed
}

/** Confidences that a bar chart can trust: each within 0..1; null otherwise. */
export function confidencesOf(values: readonly number[]): readonly number[] | null {
  if (values.length < 2 || values.some(value => value < 0 || value > 1.0001)) return null
  return values
}

/** What the labels are called. */
export interface Labels {
  /** `digit` or `image`: what one sample is. */
  readonly thing: 'digit' | 'image'
  readonly nameOf: (label: number) => string
}

/** Without names, or with the names 0 to 9, the labels are digits. */
export function labelsOf(classNames: readonly string[]): Labels {
  const digits = classNames.every((name, label) => name === String(label))
  return { thing: digits ? 'digit' : 'image', nameOf: label => classNames[label] ?? String(label) }
}

/** The likeliest labels first. */
export function likeliest(confidences: readonly number[], count: number): readonly { label: number; share: number }[] {
  return confidences
    .map((share, label) => ({ label, share }))
    .sort((a, b) => b.share - a.share || a.label - b.label)
    .slice(0, count)
}
