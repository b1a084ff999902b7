// Rows of tables, picked by token and by position.

/** y[row] = table[tokens[row]] + positions[row mod context], `width` values each. */
export function embedding(
  tokens: usize, table: usize, positions: usize, y: usize, rows: i32, context: i32, width: i32,
): void {
  const bytes = (<usize>width) << 2
  const even = bytes & ~15
  let place = 0
  for (let row = 0; row < rows; row++) {
    const from = table + <usize>load<i32>(tokens) * bytes
    const beside = positions + <usize>place * bytes
    let at: usize = 0
    for (; at < even; at += 16) v128.store(y + at, f32x4.add(v128.load(from + at), v128.load(beside + at)))
    for (; at < bytes; at += 4) store<f32>(y + at, load<f32>(from + at) + load<f32>(beside + at))
    tokens += 4
    y += bytes
    place = place + 1 == context ? 0 : place + 1
  }
}

/**
 * Adds the rows of dy to those of the tables' gradients, in ascending order. Both are to be cleared before.
 * whole: how many columns the rows have in whole, where the `width` ones are a part of them; 0: they are no part.
 */
export function embeddingBackward(
  tokens: usize, dy: usize, dtable: usize, dpositions: usize, rows: i32, context: i32, width: i32, whole: i32,
): void {
  const bytes = (<usize>width) << 2
  const stride = (<usize>(whole || width)) << 2
  let place = 0
  for (let row = 0; row < rows; row++) {
    addRow(dy, dtable + <usize>load<i32>(tokens) * stride, bytes)
    addRow(dy, dpositions + <usize>place * stride, bytes)
    tokens += 4
    dy += stride
    place = place + 1 == context ? 0 : place + 1
  }
}

function addRow(from: usize, to: usize, bytes: usize): void {
  const even = bytes & ~15
  let at: usize = 0
  for (; at < even; at += 16) v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)))
  for (; at < bytes; at += 4) store<f32>(to + at, load<f32>(to + at) + load<f32>(from + at))
}

/** Clears `count` values. */
export function clear(x: usize, count: i32): void {
  memory.fill(x, 0, (<usize>count) << 2)
}

/** Copies `count` values. */
export function copy(from: usize, to: usize, count: i32): void {
  memory.copy(to, from, (<usize>count) << 2)
}
