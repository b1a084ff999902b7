// Sums in a fixed order.

/**
 * sums[column] = the sum of a column of x[rows, columns], rows in ascending order.
 * whole: how many columns the rows have in whole, where these are a part of them; 0: they are no part.
 */
export function columnSums(x: usize, rows: i32, columns: i32, sums: usize, whole: i32): void {
  const stride = (<usize>(whole || columns)) << 2
  let column = 0
  // Sixteen columns at once: a whole cache line of each row.
  for (; column + 16 <= columns; column += 16) {
    let from = x + ((<usize>column) << 2)
    let a = f32x4.splat(0)
    let b = a
    let c = a
    let d = a
    for (let row = 0; row < rows; row++) {
      a = f32x4.add(a, v128.load(from))
      b = f32x4.add(b, v128.load(from, 16))
      c = f32x4.add(c, v128.load(from, 32))
      d = f32x4.add(d, v128.load(from, 48))
      from += stride
    }
    const to = sums + ((<usize>column) << 2)
    v128.store(to, a)
    v128.store(to, b, 16)
    v128.store(to, c, 32)
    v128.store(to, d, 48)
  }
  for (; column + 4 <= columns; column += 4) {
    let from = x + ((<usize>column) << 2)
    let sum = f32x4.splat(0)
    for (let row = 0; row < rows; row++) {
      sum = f32x4.add(sum, v128.load(from))
      from += stride
    }
    v128.store(sums + ((<usize>column) << 2), sum)
  }
  for (; column < columns; column++) {
    let from = x + ((<usize>column) << 2)
    let sum: f32 = 0
    for (let row = 0; row < rows; row++) {
      sum += load<f32>(from)
      from += stride
    }
    store<f32>(sums + ((<usize>column) << 2), sum)
  }
}

/**
 * sums[channel] = the sum of x[batch, channels, pixels] over images and pixels. Pixel p of every image goes to partial sum
 * p mod 16; image after image, pixels in ascending order; the sixteen are then added pairwise.
 * whole: how many channels an image has in whole, where these are a part of them; 0: they are no part.
 */
export function channelSums(x: usize, batch: i32, channels: i32, pixels: i32, sums: usize, whole: i32): void {
  const imageBytes = (<usize>((whole || channels) * pixels)) << 2
  for (let channel = 0; channel < channels; channel++) {
    let a = f32x4.splat(0)
    let b = a
    let c = a
    let d = a
    for (let image = 0; image < batch; image++) {
      let from = x + <usize>image * imageBytes + ((<usize>(channel * pixels)) << 2)
      let left = pixels
      for (; left >= 16; left -= 16) {
        a = f32x4.add(a, v128.load(from))
        b = f32x4.add(b, v128.load(from, 16))
        c = f32x4.add(c, v128.load(from, 32))
        d = f32x4.add(d, v128.load(from, 48))
        from += 64
      }
      if (left >= 4) {
        a = f32x4.add(a, v128.load(from))
        from += 16
        left -= 4
        if (left >= 4) {
          b = f32x4.add(b, v128.load(from))
          from += 16
          left -= 4
          if (left >= 4) {
            c = f32x4.add(c, v128.load(from))
            from += 16
            left -= 4
            if (left) d = f32x4.add(d, first(from, left))
          } else if (left) c = f32x4.add(c, first(from, left))
        } else if (left) b = f32x4.add(b, first(from, left))
      } else if (left) a = f32x4.add(a, first(from, left))
    }
    const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d))
    store<f32>(
      sums + ((<usize>channel) << 2),
      f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3)),
    )
  }
}

/** The first one to three floats at `from`, zeros behind them. */
function first(from: usize, count: i32): v128 {
  let values = f32x4.replace_lane(f32x4.splat(0), 0, load<f32>(from))
  if (count > 1) values = f32x4.replace_lane(values, 1, load<f32>(from, 4))
  if (count > 2) values = f32x4.replace_lane(values, 2, load<f32>(from, 8))
  return values
}

/** The sum of the squares of x, in float64, in ascending order: the square of the L2 norm. */
export function sumOfSquares(x: usize, count: i32): f64 {
  let sum: f64 = 0
  for (let i = 0; i < count; i++) {
    const value = <f64>load<f32>(x)
    sum += value * value
    x += 4
  }
  return sum
}
