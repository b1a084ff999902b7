// Convolution as matrix products (im2col), image by image. Images are [channels, height, width],
// filters [filters, channels, size, size]. The matrix of patches is never written whole: eight output pixels at a time
// are gathered into a panel that stays in the first-level cache.
//
// Order of the sums: the output starts from the bias and adds channel, then row, then column of the kernel; the
// gradient of a filter adds image after image and in each pixel after pixel; the gradient of the input adds filter,
// then row, then column of the turned kernel.
import { START_C, START_ROW_BIAS, START_ZERO, TILE_COLUMNS, TILE_ROWS, tileAtEdge } from './tile'
import { interleave4, storeTransposed } from './pack'

/** Packs filters for conv2d: [ceil(filters / 4)][channels · size · size][4]. `length` = channels · size · size. */
export function packFilters(weights: usize, filters: i32, length: i32, to: usize): void {
  const stride = (<usize>length) << 2
  for (let filter = 0; filter < filters; filter += TILE_ROWS) {
    interleave4(weights + <usize>filter * stride, stride, filters - filter, length, to, 16)
    to += (<usize>length) << 4
  }
}

/**
 * Packs the filters of the convolution that carries gradients back: filter c, channel f, turned by half a circle.
 * Result: [ceil(channels / 4)][filters · area][4], where `area` = size · size.
 */
export function packTurnedFilters(weights: usize, filters: i32, channels: i32, area: i32, to: usize): void {
  const filterStride = (<usize>(channels * area)) << 2
  for (let channel = 0; channel < channels; channel += TILE_ROWS) {
    for (let filter = 0; filter < filters; filter++) {
      for (let cell = area - 1; cell >= 0; cell--) {
        for (let row = 0; row < TILE_ROWS; row++) {
          const c = channel + row
          const value: f32 = c < channels
            ? load<f32>(weights + <usize>filter * filterStride + ((<usize>(c * area + cell)) << 2))
            : 0
          store<f32>(to, value)
          to += 4
        }
      }
    }
  }
}

/** Height or width of the padded image: enough for the image, and for every window of the output. */
// @ts-ignore: decorator
@inline
function paddedLength(length: i32, out: i32, size: i32, padding: i32, stride: i32, spread: i32): i32 {
  return max((length - 1) * spread + 1 + 2 * padding, (out - 1) * stride + size)
}

/**
 * y[batch, filters, outHeight, outWidth] = x * filters + bias (bias 0: none), one output every `stride` pixels.
 * spread: x is looked at as if spread - 1 zeros stood between its pixels, which undoes a stride on the way back.
 * padded: room for channels · paddedHeight · paddedWidth floats and then 8 · (paddedWidth + 1) more, see paddedLength.
 * panel: room for 8 · (channels · size · size + 1) floats.
 */
export function conv2d(
  x: usize, packedFilters: usize, bias: usize, y: usize,
  batch: i32, channels: i32, height: i32, width: i32, filters: i32, size: i32, padding: i32, stride: i32, spread: i32,
  outHeight: i32, outWidth: i32, padded: usize, panel: usize,
): void {
  const paddedHeight = paddedLength(height, outHeight, size, padding, stride, spread)
  const paddedWidth = paddedLength(width, outWidth, size, padding, stride, spread)
  const pixels = outHeight * outWidth
  const length = channels * size * size
  const rowBytes = (<usize>pixels) << 2
  clearPadded(padded, channels, paddedHeight, paddedWidth)
  for (let image = 0; image < batch; image++) {
    x = copyPadded(x, padded, channels, height, width, padding, spread, paddedHeight, paddedWidth)
    let row = 0
    let column = 0
    for (let pixel = 0; pixel < pixels; pixel += TILE_COLUMNS) {
      if (stride == 1) gatherPixels(padded, channels, paddedHeight, paddedWidth, size, row, column, outWidth, panel)
      else gatherApart(padded, channels, paddedHeight, paddedWidth, size, stride, row, column, outHeight, outWidth, panel)
      for (let filter = 0; filter < filters; filter += TILE_ROWS) {
        tileAtEdge(
          packedFilters + ((<usize>(filter * length)) << 2), panel, length,
          y + <usize>filter * rowBytes + ((<usize>pixel) << 2), rowBytes,
          bias ? START_ROW_BIAS : START_ZERO, bias + ((<usize>filter) << 2),
          filters - filter, pixels - pixel,
        )
      }
      column += TILE_COLUMNS
      while (column >= outWidth) {
        column -= outWidth
        row++
      }
    }
    y += <usize>filters * rowBytes
  }
}

/**
 * gradient[filters, channels, size, size] = sum over images and pixels of dy · patch of x.
 * padded: as in conv2d; panelsA: room for 4 · ceil(filters / 4) · pixels floats; panelB: room for 8 · pixels floats.
 * Only cells [firstCell, endCell) of the channels · size · size of each filter are computed; endCell 0: all.
 */
export function conv2dFilterGradient(
  x: usize, dy: usize, gradient: usize,
  batch: i32, channels: i32, height: i32, width: i32, filters: i32, size: i32, padding: i32, stride: i32,
  outHeight: i32, outWidth: i32, padded: usize, panelsA: usize, panelB: usize, firstCell: i32, endCell: i32,
): void {
  const paddedHeight = paddedLength(height, outHeight, size, padding, stride, 1)
  const paddedWidth = paddedLength(width, outWidth, size, padding, stride, 1)
  const pixels = outHeight * outWidth
  const length = channels * size * size
  const end = endCell || length
  const rowBytes = (<usize>length) << 2
  clearPadded(padded, channels, paddedHeight, paddedWidth)
  for (let image = 0; image < batch; image++) {
    x = copyPadded(x, padded, channels, height, width, padding, 1, paddedHeight, paddedWidth)
    packFilters(dy, filters, pixels, panelsA)
    dy += (<usize>(filters * pixels)) << 2
    const start = image == 0 ? START_ZERO : START_C
    for (let cell = firstCell; cell < end; cell += TILE_COLUMNS) {
      gatherCells(padded, paddedHeight, paddedWidth, size, stride, cell, length, outHeight, outWidth, panelB)
      gatherCells(padded, paddedHeight, paddedWidth, size, stride, cell + 4, length, outHeight, outWidth, panelB + 16)
      for (let filter = 0; filter < filters; filter += TILE_ROWS) {
        tileAtEdge(
          panelsA + ((<usize>(filter * pixels)) << 2), panelB, pixels,
          gradient + <usize>filter * rowBytes + ((<usize>cell) << 2), rowBytes, start, 0,
          filters - filter, end - cell,
        )
      }
    }
  }
}

function clearPadded(padded: usize, channels: i32, paddedHeight: i32, paddedWidth: i32): void {
  memory.fill(padded, 0, (<usize>(channels * paddedHeight * paddedWidth + 8 * (paddedWidth + 1))) << 2)
}

/**
 * Copies one image into the padded one, `padding` from its top left, `spread` pixels apart. All else is zero already.
 * Returns where the next image begins.
 */
function copyPadded(
  x: usize, padded: usize, channels: i32, height: i32, width: i32, padding: i32, spread: i32,
  paddedHeight: i32, paddedWidth: i32,
): usize {
  const rowBytes = (<usize>width) << 2
  for (let channel = 0; channel < channels; channel++) {
    let to = padded + ((<usize>((channel * paddedHeight + padding) * paddedWidth + padding)) << 2)
    for (let row = 0; row < height; row++) {
      if (spread == 1) copyRow(x, to, rowBytes)
      else copyRowApart(x, to, width, spread)
      x += rowBytes
      to += (<usize>(paddedWidth * spread)) << 2
    }
  }
  return x
}

function copyRowApart(from: usize, to: usize, width: i32, spread: i32): void {
  for (let column = 0; column < width; column++) {
    store<f32>(to, load<f32>(from))
    from += 4
    to += (<usize>spread) << 2
  }
}

function copyRow(from: usize, to: usize, bytes: usize): void {
  const end = from + (bytes & ~15)
  const last = from + bytes
  while (from < end) {
    v128.store(to, v128.load(from))
    from += 16
    to += 16
  }
  while (from < last) {
    store<f32>(to, load<f32>(from))
    from += 4
    to += 4
  }
}

/**
 * panel[cell][j] = what kernel cell `cell` sees at output pixel j, for the eight pixels from (row, column) on.
 * Each run of pixels in one output row is copied eight floats wide; what is too much is overwritten by the next copy.
 */
function gatherPixels(
  padded: usize, channels: i32, paddedHeight: i32, paddedWidth: i32, size: i32,
  row: i32, column: i32, outWidth: i32, panel: usize,
): void {
  const rowBytes = (<usize>paddedWidth) << 2
  const channelBytes = rowBytes * <usize>paddedHeight
  const first = outWidth - column
  const corner = padded + <usize>row * rowBytes
  for (let channel = 0; channel < channels; channel++) {
    for (let ky = 0; ky < size; ky++) {
      let from = corner + <usize>channel * channelBytes + <usize>ky * rowBytes
      if (first >= 8) {
        from += (<usize>column) << 2
        for (let kx = 0; kx < size; kx++) {
          v128.store(panel, v128.load(from))
          v128.store(panel, v128.load(from, 16), 16)
          from += 4
          panel += 32
        }
      } else if (first + outWidth >= 8) {
        const rest = (<usize>first) << 2
        let part = from + ((<usize>column) << 2)
        let next = from + rowBytes
        for (let kx = 0; kx < size; kx++) {
          v128.store(panel, v128.load(part))
          v128.store(panel, v128.load(part, 16), 16)
          v128.store(panel + rest, v128.load(next))
          v128.store(panel + rest, v128.load(next, 16), 16)
          part += 4
          next += 4
          panel += 32
        }
      } else {
        for (let kx = 0; kx < size; kx++) {
          let part = from + ((<usize>column) << 2)
          let filled = 0
          let run = first
          let next = from
          while (filled < 8) {
            const to = panel + ((<usize>filled) << 2)
            v128.store(to, v128.load(part))
            v128.store(to, v128.load(part, 16), 16)
            filled += run
            run = outWidth
            next += rowBytes
            part = next
          }
          from += 4
          panel += 32
        }
      }
    }
  }
}

/** As gatherPixels, for output pixels that lie `stride` apart. Pixels beyond the last repeat it. */
function gatherApart(
  padded: usize, channels: i32, paddedHeight: i32, paddedWidth: i32, size: i32, stride: i32,
  row: i32, column: i32, outHeight: i32, outWidth: i32, panel: usize,
): void {
  for (let pixel = 0; pixel < TILE_COLUMNS; pixel++) {
    let to = panel + ((<usize>pixel) << 2)
    for (let channel = 0; channel < channels; channel++) {
      let from = padded + ((<usize>((channel * paddedHeight + row * stride) * paddedWidth + column * stride)) << 2)
      for (let ky = 0; ky < size; ky++) {
        for (let kx = 0; kx < size; kx++) {
          store<f32>(to, load<f32>(from + ((<usize>kx) << 2)))
          to += 32
        }
        from += (<usize>paddedWidth) << 2
      }
    }
    if (column + 1 < outWidth) column++
    else if (row + 1 < outHeight) {
      column = 0
      row++
    }
  }
}

/** panel[pixel][j] = what kernel cell `cell + j` sees at the pixel, for j < 4; cells beyond `length` repeat the last. */
function gatherCells(
  padded: usize, paddedHeight: i32, paddedWidth: i32, size: i32, stride: i32, cell: i32, length: i32,
  outHeight: i32, outWidth: i32, panel: usize,
): void {
  let s0 = cellAt(padded, paddedHeight, paddedWidth, size, min(cell, length - 1))
  let s1 = cellAt(padded, paddedHeight, paddedWidth, size, min(cell + 1, length - 1))
  let s2 = cellAt(padded, paddedHeight, paddedWidth, size, min(cell + 2, length - 1))
  let s3 = cellAt(padded, paddedHeight, paddedWidth, size, min(cell + 3, length - 1))
  const rowBytes = (<usize>(paddedWidth * stride)) << 2
  for (let row = 0; row < outHeight; row++) {
    // The last step of a row is moved back to end with it: some pixels are then copied twice, to the same place.
    let at: usize = 0
    const last = (<usize>(outWidth - 4)) << 2
    const end = (<usize>outWidth) << 2
    if (stride > 1) {
      const step = (<usize>stride) << 2
      for (let from: usize = 0; at < end; at += 4) {
        const to = panel + (at << 3)
        store<f32>(to, load<f32>(s0 + from))
        store<f32>(to, load<f32>(s1 + from), 4)
        store<f32>(to, load<f32>(s2 + from), 8)
        store<f32>(to, load<f32>(s3 + from), 12)
        from += step
      }
    } else if (outWidth >= 4) {
      while (true) {
        storeTransposed(
          v128.load(s0 + at), v128.load(s1 + at), v128.load(s2 + at), v128.load(s3 + at), panel + (at << 3), 32,
        )
        if (at == last) break
        at = min(at + 16, last)
      }
    } else {
      for (; at < end; at += 4) {
        const to = panel + (at << 3)
        store<f32>(to, load<f32>(s0 + at))
        store<f32>(to, load<f32>(s1 + at), 4)
        store<f32>(to, load<f32>(s2 + at), 8)
        store<f32>(to, load<f32>(s3 + at), 12)
      }
    }
    s0 += rowBytes
    s1 += rowBytes
    s2 += rowBytes
    s3 += rowBytes
    panel += end << 3
  }
}

function cellAt(padded: usize, paddedHeight: i32, paddedWidth: i32, size: i32, cell: i32): usize {
  const area = size * size
  const channel = cell / area
  const inside = cell - channel * area
  const ky = inside / size
  const kx = inside - ky * size
  return padded + ((<usize>((channel * paddedHeight + ky) * paddedWidth + kx)) << 2)
}
