/**
 * Takes the greatest value, the first of equals, then the next, until `enough` says so of what was taken last or nothing is left:
 * the indices of what was taken, in ascending order. A heap, so the work follows what is taken.
 */
export function takeGreatest(
  values: Float32Array | Float64Array,
  enough: (value: number) => boolean,
): Int32Array<ArrayBuffer> {
  const heap = new Int32Array(values.length)
  for (let i = 0; i < heap.length; i++) heap[i] = i
  for (let i = (heap.length >> 1) - 1; i >= 0; i--) siftDown(heap, heap.length, i, values)
  const taken = new Uint8Array(values.length)
  let left = heap.length
  let count = 0
  while (left > 0) {
    const index = heap[0]!
    taken[index] = 1
    count++
    heap[0] = heap[--left]!
    siftDown(heap, left, 0, values)
    if (enough(values[index]!)) break
  }
  const indices = new Int32Array(count)
  let at = 0
  for (let i = 0; i < taken.length; i++) if (taken[i] === 1) indices[at++] = i
  return indices
}

function siftDown(heap: Int32Array, length: number, start: number, values: Float32Array | Float64Array): void {
  const moved = heap[start]!
  let at = start
  for (;;) {
    let child = 2 * at + 1
    if (child >= length) break
    if (child + 1 < length && isBefore(heap[child + 1]!, heap[child]!, values)) child++
    if (!isBefore(heap[child]!, moved, values)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = moved
}

function isBefore(a: number, b: number, values: Float32Array | Float64Array): boolean {
  const x = values[a]!
  const y = values[b]!
  return x > y || (x === y && a < b)
}
