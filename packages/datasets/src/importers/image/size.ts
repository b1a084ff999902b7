import { HydraError } from '@hydraai/core'
import type { Size } from './raster.ts'

/** Sides that images are scaled to: what a CPU trains on in reasonable time. */
const SIDES = [64, 48, 32, 28, 16, 8]
const LARGEST_SIDE = 64
const MAX_ASKED = 256
const MIN_ASKED = 8

/**
 * The one size of all images. As asked; as they are, where all agree and are small; else the largest usual square whose side
 * at least half of them have.
 * @throws HydraError OPTION_INVALID for a size beyond the limits
 */
export function chooseSize(sizes: readonly Size[], asked?: number): { size: Size; warning: string | null } {
  if (asked !== undefined) {
    if (!Number.isInteger(asked) || asked < MIN_ASKED || asked > MAX_ASKED) {
      throw new HydraError('OPTION_INVALID', `--size ${asked} is no size for images.`, {
        advice: `Give ${MIN_ASKED} to ${MAX_ASKED}.`,
      })
    }
    return { size: { width: asked, height: asked }, warning: warningOf(sizes, asked) }
  }
  const [first] = sizes
  const same = sizes.every(({ width, height }) => width === first!.width && height === first!.height)
  if (same && first!.width <= LARGEST_SIDE && first!.height <= LARGEST_SIDE) return { size: first!, warning: null }
  const shorter = sizes.map(({ width, height }) => Math.min(width, height)).sort((a, b) => a - b)
  const median = shorter[shorter.length >> 1]!
  const side = SIDES.find(candidate => candidate <= median) ?? MIN_ASKED
  return { size: { width: side, height: side }, warning: warningOf(sizes, side) }
}

function warningOf(sizes: readonly Size[], side: number): string | null {
  const scaled = sizes.filter(({ width, height }) => width !== side || height !== side).length
  if (scaled === 0) return null
  return `${scaled} of ${sizes.length} images were scaled to ${side}×${side}; --size N chooses another size.`
}
