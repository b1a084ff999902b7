// Layer normalisation (Ba, Kiros and Hinton, 2016) and group normalisation (Wu and He, 2018).
//
// Order of the sums over a run of values: element i of the first `count & ~7` goes to partial sum i mod 8, these are added
// pairwise, then the rest one by one. Gradients of gains and offsets add row after row (layer) or image after image (group).
import { sum4 } from './vector'

/** The sum of (x - shift), or of its square, over a run. */
// @ts-ignore: decorator
@inline
function total(x: usize, count: i32, shift: f32, squared: bool): f32 {
  const shifts = f32x4.splat(shift)
  const end = x + ((<usize>(count & ~7)) << 2)
  let a = f32x4.splat(0)
  let b = a
  while (x < end) {
    const u = f32x4.sub(v128.load(x), shifts)
    const v = f32x4.sub(v128.load(x, 16), shifts)
    a = f32x4.add(a, squared ? f32x4.mul(u, u) : u)
    b = f32x4.add(b, squared ? f32x4.mul(v, v) : v)
    x += 32
  }
  let sum = sum4(f32x4.add(a, b))
  for (let i = count & 7; i > 0; i--) {
    const u = load<f32>(x) - shift
    sum += squared ? u * u : u
    x += 4
  }
  return sum
}

/** stats[0] = the mean of a run, stats[1] = 1 / sqrt(variance + epsilon). */
function measure(x: usize, count: i32, epsilon: f32, stats: usize): void {
  const mean = total(x, count, 0, false) / <f32>count
  const variance = total(x, count, mean, true) / <f32>count
  store<f32>(stats, mean)
  store<f32>(stats, <f32>1 / sqrt<f32>(variance + epsilon), 4)
}

/** y[row] = (x[row] - mean) · deviation · gain + offset, over rows of `width` values. stats: [rows, 2], kept for the gradient. */
export function layerNorm(
  x: usize, y: usize, gain: usize, offset: usize, stats: usize, rows: i32, width: i32, epsilon: f32,
): void {
  const bytes = (<usize>width) << 2
  const even = (<usize>(width & ~3)) << 2
  for (let row = 0; row < rows; row++) {
    measure(x, width, epsilon, stats)
    const mean = load<f32>(stats)
    const inverse = load<f32>(stats, 4)
    const means = f32x4.splat(mean)
    const inverses = f32x4.splat(inverse)
    let at: usize = 0
    for (; at < even; at += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + at), means), inverses)
      v128.store(y + at, f32x4.add(f32x4.mul(normal, v128.load(gain + at)), v128.load(offset + at)))
    }
    for (; at < bytes; at += 4) {
      store<f32>(y + at, (load<f32>(x + at) - mean) * inverse * load<f32>(gain + at) + load<f32>(offset + at))
    }
    x += bytes
    y += bytes
    stats += 8
  }
}

/**
 * dx = deviation · (g - mean(g) - n · mean(g · n)) with g = dy · gain and n = (x - mean) · deviation; added to what is in dx
 * when `accumulate` is not 0. dx 0: not wanted. dx may be dy when nothing is to be added.
 * dgain = the sum over rows of dy · n, doffset = that of dy. dgain 0: neither is wanted, see layerNormSums.
 */
export function layerNormBackward(
  x: usize, stats: usize, gain: usize, dy: usize, dx: usize, dgain: usize, doffset: usize,
  rows: i32, width: i32, accumulate: i32,
): void {
  if (dgain) backward(x, stats, gain, dy, dx, dgain, doffset, rows, width, accumulate, true)
  else backward(x, stats, gain, dy, dx, 0, 0, rows, width, accumulate, false)
}

// @ts-ignore: decorator
@inline
function backward(
  x: usize, stats: usize, gain: usize, dy: usize, dx: usize, dgain: usize, doffset: usize,
  rows: i32, width: i32, accumulate: i32, sums: bool,
): void {
  const bytes = (<usize>width) << 2
  const even = (<usize>(width & ~7)) << 2
  if (sums) {
    memory.fill(dgain, 0, bytes)
    memory.fill(doffset, 0, bytes)
  }
  for (let row = 0; row < rows; row++) {
    const mean = load<f32>(stats)
    const inverse = load<f32>(stats, 4)
    const means = f32x4.splat(mean)
    const inverses = f32x4.splat(inverse)
    let a0 = f32x4.splat(0)
    let a1 = a0
    let b0 = a0
    let b1 = a0
    let at: usize = 0
    for (; at < even; at += 32) {
      const d0 = v128.load(dy + at)
      const d1 = v128.load(dy + at, 16)
      const n0 = f32x4.mul(f32x4.sub(v128.load(x + at), means), inverses)
      const n1 = f32x4.mul(f32x4.sub(v128.load(x + at, 16), means), inverses)
      const g0 = f32x4.mul(d0, v128.load(gain + at))
      const g1 = f32x4.mul(d1, v128.load(gain + at, 16))
      a0 = f32x4.add(a0, g0)
      a1 = f32x4.add(a1, g1)
      b0 = f32x4.add(b0, f32x4.mul(g0, n0))
      b1 = f32x4.add(b1, f32x4.mul(g1, n1))
      if (sums) {
        v128.store(doffset + at, f32x4.add(v128.load(doffset + at), d0))
        v128.store(doffset + at, f32x4.add(v128.load(doffset + at, 16), d1), 16)
        v128.store(dgain + at, f32x4.add(v128.load(dgain + at), f32x4.mul(d0, n0)))
        v128.store(dgain + at, f32x4.add(v128.load(dgain + at, 16), f32x4.mul(d1, n1)), 16)
      }
    }
    let sumG = sum4(f32x4.add(a0, a1))
    let sumGN = sum4(f32x4.add(b0, b1))
    for (; at < bytes; at += 4) {
      const d = load<f32>(dy + at)
      const n = (load<f32>(x + at) - mean) * inverse
      const g = d * load<f32>(gain + at)
      sumG += g
      sumGN += g * n
      if (sums) {
        store<f32>(doffset + at, load<f32>(doffset + at) + d)
        store<f32>(dgain + at, load<f32>(dgain + at) + d * n)
      }
    }
    if (dx) {
      const meanG = sumG / <f32>width
      const meanGN = sumGN / <f32>width
      const meanGs = f32x4.splat(meanG)
      const meanGNs = f32x4.splat(meanGN)
      for (at = 0; at < even; at += 16) {
        const n = f32x4.mul(f32x4.sub(v128.load(x + at), means), inverses)
        const g = f32x4.mul(v128.load(dy + at), v128.load(gain + at))
        const d = f32x4.mul(inverses, f32x4.sub(f32x4.sub(g, meanGs), f32x4.mul(n, meanGNs)))
        v128.store(dx + at, accumulate ? f32x4.add(v128.load(dx + at), d) : d)
      }
      for (; at < bytes; at += 4) {
        const n = (load<f32>(x + at) - mean) * inverse
        const d = inverse * (load<f32>(dy + at) * load<f32>(gain + at) - meanG - n * meanGN)
        store<f32>(dx + at, accumulate ? load<f32>(dx + at) + d : d)
      }
      dx += bytes
    }
    x += bytes
    dy += bytes
    stats += 8
  }
}

/**
 * The sums of layerNormBackward alone, of `columns` columns out of rows of `width` values, for which x, dy, dgain and doffset
 * are shifted: threads share the columns here, and the rows there.
 */
export function layerNormSums(
  x: usize, stats: usize, dy: usize, dgain: usize, doffset: usize, rows: i32, width: i32, columns: i32,
): void {
  const bytes = (<usize>columns) << 2
  const even = (<usize>(columns & ~3)) << 2
  const stride = (<usize>width) << 2
  memory.fill(dgain, 0, bytes)
  memory.fill(doffset, 0, bytes)
  for (let row = 0; row < rows; row++) {
    const mean = load<f32>(stats)
    const inverse = load<f32>(stats, 4)
    const means = f32x4.splat(mean)
    const inverses = f32x4.splat(inverse)
    let at: usize = 0
    for (; at < even; at += 16) {
      const d = v128.load(dy + at)
      const n = f32x4.mul(f32x4.sub(v128.load(x + at), means), inverses)
      v128.store(doffset + at, f32x4.add(v128.load(doffset + at), d))
      v128.store(dgain + at, f32x4.add(v128.load(dgain + at), f32x4.mul(d, n)))
    }
    for (; at < bytes; at += 4) {
      const d = load<f32>(dy + at)
      const n = (load<f32>(x + at) - mean) * inverse
      store<f32>(doffset + at, load<f32>(doffset + at) + d)
      store<f32>(dgain + at, load<f32>(dgain + at) + d * n)
    }
    x += stride
    dy += stride
    stats += 8
  }
}

/** As layerNorm, over groups of channels of images [batch, channels, pixels]; gain and offset: one a channel. stats: [batch, groups, 2]. */
export function groupNorm(
  x: usize, y: usize, gain: usize, offset: usize, stats: usize,
  batch: i32, channels: i32, pixels: i32, groups: i32, epsilon: f32,
): void {
  const share = channels / groups
  for (let image = 0; image < batch; image++) {
    for (let channel = 0; channel < channels; channel++) {
      if (channel % share == 0) {
        measure(x, share * pixels, epsilon, stats)
        stats += 8
      }
      const mean = load<f32>(stats - 8)
      const inverse = load<f32>(stats - 4)
      const g = load<f32>(gain + ((<usize>channel) << 2))
      const b = load<f32>(offset + ((<usize>channel) << 2))
      const even = x + ((<usize>(pixels & ~3)) << 2)
      const end = x + ((<usize>pixels) << 2)
      while (x < even) {
        const normal = f32x4.mul(f32x4.sub(v128.load(x), f32x4.splat(mean)), f32x4.splat(inverse))
        v128.store(y, f32x4.add(f32x4.mul(normal, f32x4.splat(g)), f32x4.splat(b)))
        x += 16
        y += 16
      }
      while (x < end) {
        store<f32>(y, (load<f32>(x) - mean) * inverse * g + b)
        x += 4
        y += 4
      }
    }
  }
}

/** The gradients of groupNorm. dx 0: not wanted. Only groups [firstGroup, endGroup) are computed; endGroup 0: all. */
export function groupNormBackward(
  x: usize, stats: usize, gain: usize, dy: usize, dx: usize, dgain: usize, doffset: usize,
  batch: i32, channels: i32, pixels: i32, groups: i32, firstGroup: i32, endGroup: i32,
): void {
  const share = channels / groups
  const channelBytes = (<usize>pixels) << 2
  const groupBytes = (<usize>share) * channelBytes
  const end = endGroup || groups
  const ownBytes = (<usize>((end - firstGroup) * share)) << 2
  memory.fill(dgain + ((<usize>(firstGroup * share)) << 2), 0, ownBytes)
  memory.fill(doffset + ((<usize>(firstGroup * share)) << 2), 0, ownBytes)
  for (let image = 0; image < batch; image++) {
    for (let group = firstGroup; group < end; group++) {
      const start = <usize>(image * groups + group) * groupBytes
      const pair = stats + ((<usize>(image * groups + group)) << 3)
      const mean = load<f32>(pair)
      const inverse = load<f32>(pair, 4)
      let sumG: f32 = 0
      let sumGN: f32 = 0
      for (let c = 0; c < share; c++) {
        const from = start + <usize>c * channelBytes
        const index = (<usize>(group * share + c)) << 2
        const sumD = total(dy + from, pixels, 0, false)
        const sumDN = productSum(dy + from, x + from, pixels, mean, inverse)
        store<f32>(doffset + index, load<f32>(doffset + index) + sumD)
        store<f32>(dgain + index, load<f32>(dgain + index) + sumDN)
        sumG += load<f32>(gain + index) * sumD
        sumGN += load<f32>(gain + index) * sumDN
      }
      if (dx) {
        const meanG = sumG / <f32>(share * pixels)
        const meanGN = sumGN / <f32>(share * pixels)
        for (let c = 0; c < share; c++) {
          const g = load<f32>(gain + ((<usize>(group * share + c)) << 2))
          const from = start + <usize>c * channelBytes
          for (let at = from; at < from + channelBytes; at += 4) {
            const n = (load<f32>(x + at) - mean) * inverse
            store<f32>(dx + at, inverse * (load<f32>(dy + at) * g - meanG - n * meanGN))
          }
        }
      }
    }
  }
}

/** The sum of dy · (x - mean) · inverse over a run. */
function productSum(dy: usize, x: usize, count: i32, mean: f32, inverse: f32): f32 {
  const means = f32x4.splat(mean)
  const inverses = f32x4.splat(inverse)
  const end = x + ((<usize>(count & ~7)) << 2)
  let a = f32x4.splat(0)
  let b = a
  while (x < end) {
    const u = f32x4.mul(f32x4.sub(v128.load(x), means), inverses)
    const v = f32x4.mul(f32x4.sub(v128.load(x, 16), means), inverses)
    a = f32x4.add(a, f32x4.mul(v128.load(dy), u))
    b = f32x4.add(b, f32x4.mul(v128.load(dy, 16), v))
    x += 32
    dy += 32
  }
  let sum = sum4(f32x4.add(a, b))
  for (let i = count & 7; i > 0; i--) {
    sum += load<f32>(dy) * ((load<f32>(x) - mean) * inverse)
    x += 4
    dy += 4
  }
  return sum
}
