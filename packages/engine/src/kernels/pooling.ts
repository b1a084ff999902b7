// Max-pooling with stride = window, of planes (one channel of one image each), and ReLU, alone or joined to the pooling:
// max(relu(a), relu(b)) = relu(max(a, b)), so the rectified plane need not be written. Where several elements of a
// window are the greatest, the first in row-major order takes the gradient.

/** y = x where x > 0, else 0; y may be x. */
export function relu(x: usize, y: usize, count: i32): void {
  const zero = f32x4.splat(0)
  const end = x + ((<usize>(count & ~3)) << 2)
  while (x < end) {
    v128.store(y, f32x4.pmax(zero, v128.load(x)))
    x += 16
    y += 16
  }
  for (let i = count & 3; i > 0; i--) {
    const value = load<f32>(x)
    store<f32>(y, value > 0 ? value : 0)
    x += 4
    y += 4
  }
}

/** Clears the elements of dy whose y, the output of ReLU, is not above 0. */
export function reluBackward(y: usize, dy: usize, count: i32): void {
  const zero = f32x4.splat(0)
  const end = y + ((<usize>(count & ~3)) << 2)
  while (y < end) {
    v128.store(dy, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)))
    y += 16
    dy += 16
  }
  for (let i = count & 3; i > 0; i--) {
    if (!(load<f32>(y) > 0)) store<f32>(dy, 0)
    y += 4
    dy += 4
  }
}

/** y[planes, height / size, width / size] = the greatest of each window of x, rectified when `rectify` is not 0. */
export function maxPool(x: usize, y: usize, planes: i32, height: i32, width: i32, size: i32, rectify: i32): void {
  const outHeight = height / size
  const outWidth = width / size
  const rowBytes = (<usize>width) << 2
  const floor: f32 = rectify ? 0 : -Infinity
  const floors = f32x4.splat(floor)
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < outHeight; row++) {
      let from = x + <usize>(row * size) * rowBytes
      let column = 0
      if (size == 2 && outWidth >= 4) {
        // The last step of a row is moved back to end with it: some outputs are then computed twice, to the same value.
        const last = outWidth - 4
        while (true) {
          const a = v128.load(from)
          const b = v128.load(from, 16)
          const c = v128.load(from + rowBytes)
          const d = v128.load(from + rowBytes, 16)
          const ac = f32x4.pmax(a, c)
          const bd = f32x4.pmax(b, d)
          const even = v128.shuffle<f32>(ac, bd, 0, 2, 4, 6)
          const odd = v128.shuffle<f32>(ac, bd, 1, 3, 5, 7)
          v128.store(y, f32x4.pmax(floors, f32x4.pmax(even, odd)))
          if (column == last) break
          const step = min(4, last - column)
          column += step
          from += (<usize>step) << 3
          y += (<usize>step) << 2
        }
        column = outWidth
        y += 16
      }
      for (; column < outWidth; column++) {
        let greatest = floor
        for (let ky = 0; ky < size; ky++) {
          for (let kx = 0; kx < size; kx++) {
            const value = load<f32>(from + <usize>ky * rowBytes + ((<usize>kx) << 2))
            if (value > greatest) greatest = value
          }
        }
        store<f32>(y, greatest)
        from += (<usize>size) << 2
        y += 4
      }
    }
    x += <usize>height * rowBytes
  }
}

/** dx = dy carried to the element of each window that was the greatest; 0 elsewhere, and where ReLU held it back. */
export function maxPoolBackward(
  x: usize, y: usize, dy: usize, dx: usize, planes: i32, height: i32, width: i32, size: i32, rectify: i32,
): void {
  const outHeight = height / size
  const outWidth = width / size
  const rowBytes = (<usize>width) << 2
  const floor: f32 = rectify ? 0 : -Infinity
  const floors = f32x4.splat(floor)
  if (outHeight * size != height || outWidth * size != width) memory.fill(dx, 0, <usize>(planes * height) * rowBytes)
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < outHeight; row++) {
      let from = x + <usize>(row * size) * rowBytes
      let to = dx + <usize>(row * size) * rowBytes
      let column = 0
      if (size == 2 && outWidth >= 4) {
        const last = outWidth - 4
        while (true) {
          const top0 = v128.load(from)
          const top1 = v128.load(from, 16)
          const low0 = v128.load(from + rowBytes)
          const low1 = v128.load(from + rowBytes, 16)
          const greatest = v128.load(y)
          const gradient = v128.and(v128.load(dy), f32x4.gt(greatest, floors))
          const isA = f32x4.eq(v128.shuffle<f32>(top0, top1, 0, 2, 4, 6), greatest)
          const isB = v128.andnot(f32x4.eq(v128.shuffle<f32>(top0, top1, 1, 3, 5, 7), greatest), isA)
          const upper = v128.or(isA, isB)
          const isC = v128.andnot(f32x4.eq(v128.shuffle<f32>(low0, low1, 0, 2, 4, 6), greatest), upper)
          const isD = v128.andnot(
            f32x4.eq(v128.shuffle<f32>(low0, low1, 1, 3, 5, 7), greatest), v128.or(upper, isC),
          )
          const a = v128.and(gradient, isA)
          const b = v128.and(gradient, isB)
          const c = v128.and(gradient, isC)
          const d = v128.and(gradient, isD)
          v128.store(to, v128.shuffle<f32>(a, b, 0, 4, 1, 5))
          v128.store(to, v128.shuffle<f32>(a, b, 2, 6, 3, 7), 16)
          v128.store(to + rowBytes, v128.shuffle<f32>(c, d, 0, 4, 1, 5))
          v128.store(to + rowBytes, v128.shuffle<f32>(c, d, 2, 6, 3, 7), 16)
          if (column == last) break
          const step = min(4, last - column)
          column += step
          from += (<usize>step) << 3
          to += (<usize>step) << 3
          y += (<usize>step) << 2
          dy += (<usize>step) << 2
        }
        column = outWidth
        y += 16
        dy += 16
      }
      for (; column < outWidth; column++) {
        const greatest = load<f32>(y)
        let gradient: f32 = greatest > floor ? load<f32>(dy) : 0
        for (let ky = 0; ky < size; ky++) {
          for (let kx = 0; kx < size; kx++) {
            const at = <usize>ky * rowBytes + ((<usize>kx) << 2)
            const here = load<f32>(from + at) == greatest
            store<f32>(to + at, here ? gradient : 0)
            if (here) gradient = 0
          }
        }
        from += (<usize>size) << 2
        to += (<usize>size) << 2
        y += 4
        dy += 4
      }
    }
    x += <usize>height * rowBytes
    dx += <usize>height * rowBytes
  }
}

/** y = the mean of each window of x: row after row, divided once. What does not fill a window is left out. */
export function avgPool(x: usize, y: usize, planes: i32, height: i32, width: i32, size: i32): void {
  const rowBytes = (<usize>width) << 2
  const share = <f32>1 / <f32>(size * size)
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < height / size; row++) {
      for (let column = 0; column < width / size; column++) {
        const from = x + <usize>(row * size) * rowBytes + ((<usize>(column * size)) << 2)
        let sum: f32 = 0
        for (let ky = 0; ky < size; ky++) {
          for (let kx = 0; kx < size; kx++) sum += load<f32>(from + <usize>ky * rowBytes + ((<usize>kx) << 2))
        }
        store<f32>(y, sum * share)
        y += 4
      }
    }
    x += <usize>height * rowBytes
  }
}

/** dx = dy / size² in each window, 0 outside. */
export function avgPoolBackward(dy: usize, dx: usize, planes: i32, height: i32, width: i32, size: i32): void {
  const rowBytes = (<usize>width) << 2
  const share = <f32>1 / <f32>(size * size)
  memory.fill(dx, 0, <usize>(planes * height) * rowBytes)
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < height / size; row++) {
      for (let column = 0; column < width / size; column++) {
        const to = dx + <usize>(row * size) * rowBytes + ((<usize>(column * size)) << 2)
        const part = load<f32>(dy) * share
        for (let ky = 0; ky < size; ky++) {
          for (let kx = 0; kx < size; kx++) store<f32>(to + <usize>ky * rowBytes + ((<usize>kx) << 2), part)
        }
        dy += 4
      }
    }
    dx += <usize>height * rowBytes
  }
}
