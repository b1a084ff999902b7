/** Most pixels of an image that is read: a photo of 40 megapixels. */
export const MAX_PIXELS = 40_000_000

export interface Size {
  readonly width: number
  readonly height: number
}

/** `pixels` is `[height, width, 3]`: red, green, blue. */
export interface Raster extends Size {
  readonly pixels: Uint8Array
}

/** Whether every pixel has three equal parts. */
export function isGrey(pixels: Uint8Array): boolean {
  for (let i = 0; i < pixels.length; i += 3) {
    if (pixels[i] !== pixels[i + 1] || pixels[i] !== pixels[i + 2]) return false
  }
  return true
}

/**
 * Scales by area: each new pixel is the mean of what it covers, parts of pixels counted by their part. Integers only. With
 * W old and w new columns an old one covers w parts and a new one W parts of a line of W·w; rows likewise.
 */
export function scaleTo(raster: Raster, to: Size): Raster {
  if (raster.width === to.width && raster.height === to.height) return raster
  const columns = overlapsOf(raster.width, to.width)
  const rows = overlapsOf(raster.height, to.height)
  const area = raster.width * raster.height
  const pixels = new Uint8Array(to.width * to.height * 3)
  let at = 0
  for (const row of rows) {
    for (const column of columns) {
      let [red, green, blue] = [0, 0, 0]
      for (let y = 0; y < row.weights.length; y++) {
        let source = ((row.first + y) * raster.width + column.first) * 3
        for (let x = 0; x < column.weights.length; x++) {
          const weight = row.weights[y]! * column.weights[x]!
          red += weight * raster.pixels[source]!
          green += weight * raster.pixels[source + 1]!
          blue += weight * raster.pixels[source + 2]!
          source += 3
        }
      }
      // Half of the area is added, so that the quotient is rounded; the sums stay below 2^53 by far.
      pixels[at++] = Math.floor((red + area / 2) / area)
      pixels[at++] = Math.floor((green + area / 2) / area)
      pixels[at++] = Math.floor((blue + area / 2) / area)
    }
  }
  return { ...to, pixels }
}

/** For each of `to` new places the old ones that it covers and how much of each. */
function overlapsOf(from: number, to: number): { first: number; weights: number[] }[] {
  return Array.from({ length: to }, (_, place) => {
    const [start, end] = [place * from, (place + 1) * from]
    const first = Math.floor(start / to)
    const last = Math.ceil(end / to)
    const weights = Array.from({ length: last - first }, (_, i) => {
      const old = first + i
      return Math.min(end, (old + 1) * to) - Math.max(start, old * to)
    })
    return { first, weights }
  })
}
