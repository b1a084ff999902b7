// How much scratch memory kernels ask for, in bytes, as their headers say: whole cache lines, so that several rooms can lie
// side by side, one for each thread.

const line = (bytes: number): number => Math.ceil(bytes / 64) * 64
const upTo4 = (count: number): number => Math.ceil(count / 4) * 4

/** An image that is padded and spread for `conv2d`. */
export function paddedRoom(
  planes: number,
  [height, width]: readonly [number, number],
  [outHeight, outWidth]: readonly [number, number],
  size: number,
  padding: number,
  stride: number,
  spread: number,
): number {
  const length = (inside: number, outside: number): number =>
    Math.max((inside - 1) * spread + 1 + 2 * padding, (outside - 1) * stride + size)
  return line((planes * length(height, outHeight) * length(width, outWidth) + 8 * (length(width, outWidth) + 1)) * 4)
}

/** Filters of `length` values that are packed by fours; or their gradients, an image of `length` pixels each. */
export function packedRoom(filters: number, length: number): number {
  return line(upTo4(filters) * length * 4)
}

/** A panel of eight columns, `length` values deep. */
export function panelRoom(length: number): number {
  return line(8 * (length + 1) * 4)
}

/** Each of the two panels of `attention`. */
export function attentionRoom(context: number, size: number): number {
  return line((context + 8) * (size + 8) * 4)
}

/** The products of queries and keys of one head, for `attentionBackward`. */
export function productsRoom(context: number): number {
  return line(context * context * 4)
}
