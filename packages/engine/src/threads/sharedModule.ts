const IMPORT_SECTION = 2
const MEMORY_IMPORT = 2
/** Limits of a shared memory: with a maximum (bit 0), shared (bit 1). */
const SHARED_LIMITS = 3
/** The most that a module can ask for, so that it takes every memory. */
const MAXIMUM_PAGES = 65_536

/**
 * The same module, but for its one import: a memory that threads share. Whether a memory is shared is part of its type, so a
 * module for one kind does not take the other; nothing else in the module knows which it is.
 * (WebAssembly core specification 2.0, 5.5.5, and the threads proposal.)
 * @throws RangeError when the module does not import exactly one memory that is not shared
 */
export function sharedModule(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  let at = 8
  while (at < wasm.length) {
    const [size, start] = numberAt(wasm, at + 1)
    if (wasm[at] === IMPORT_SECTION) {
      const section = sharedImport(wasm.subarray(start, start + size))
      return Uint8Array.from([
        ...wasm.subarray(0, at + 1),
        ...bytesOf(section.length),
        ...section,
        ...wasm.subarray(start + size),
      ])
    }
    at = start + size
  }
  throw new RangeError('the module imports nothing')
}

function sharedImport(section: Uint8Array): number[] {
  const [count, first] = numberAt(section, 0)
  const [moduleLength, moduleName] = numberAt(section, first)
  const [nameLength, name] = numberAt(section, moduleName + moduleLength)
  const kind = name + nameLength
  if (count !== 1 || section[kind] !== MEMORY_IMPORT) throw new RangeError('the module imports more than a memory')
  if (section[kind + 1]! > 1) throw new RangeError('the memory is shared already')
  const [minimum] = numberAt(section, kind + 2)
  return [...section.subarray(0, kind + 1), SHARED_LIMITS, ...bytesOf(minimum), ...bytesOf(MAXIMUM_PAGES)]
}

/** An unsigned LEB128 number and where it ends. */
function numberAt(bytes: Uint8Array, at: number): [number, number] {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at++]
    if (byte === undefined) break
    value += (byte & 0x7f) * (1 << shift)
    if (byte < 0x80) return [value, at]
  }
  throw new RangeError('the module ends too early')
}

function bytesOf(value: number): number[] {
  const bytes: number[] = []
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80)
  return [...bytes, value]
}
