// Reads a WebAssembly binary (core specification 2.0, chapter 5) and refuses all that could make its results depend on the
// host or the processor. What is not known to be harmless is refused, so a later instruction set cannot slip in.

const SECTION = { import: 2, code: 10 } as const
const MEMORY_IMPORT = 2

/** Instructions of one byte with one index, such as br, call, local.get. */
const ONE_INDEX = new Set([0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24])
const SIMD = { const: 12, shuffle: 13, firstRelaxed: 0x100 } as const

class Reader {
  readonly bytes: Uint8Array
  at: number
  readonly end: number

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  skip(count: number): void {
    this.at += count
    if (this.at > this.end) throw new Error('the module ends too early')
  }

  byte(): number {
    this.skip(1)
    return this.bytes[this.at - 1]!
  }

  /** An unsigned LEB128 number; a signed one is as long, so its value may be ignored. */
  number(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      if (shift < 32) value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }

  name(): string {
    const length = this.number()
    this.skip(length)
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at))
  }

  numbers(count: number): void {
    for (let i = 0; i < count; i++) this.number()
  }
}

/** @throws Error when the module imports anything but one memory, or holds an instruction that is not plain wasm or SIMD */
export function checkModule(wasm: Uint8Array): void {
  const reader = new Reader(wasm, 8, wasm.length)
  let memories = 0
  while (reader.at < reader.end) {
    const id = reader.byte()
    const size = reader.number()
    const section = new Reader(wasm, reader.at, reader.at + size)
    reader.skip(size)
    if (id === SECTION.import) memories = checkImports(section)
    else if (id === SECTION.code) checkCode(section)
  }
  if (memories !== 1) throw new Error('the module does not import its memory')
}

function checkImports(section: Reader): number {
  const count = section.number()
  for (let i = 0; i < count; i++) {
    const name = `${section.name()}.${section.name()}`
    if (section.byte() !== MEMORY_IMPORT || count > 1) throw new Error(`the module imports ${name}`)
    const limits = section.byte()
    if (limits > 1) throw new Error(`the memory ${name} is shared or wide`)
    section.numbers(1 + limits)
  }
  return count
}

function checkCode(section: Reader): void {
  const count = section.number()
  for (let i = 0; i < count; i++) {
    const size = section.number()
    const body = new Reader(section.bytes, section.at, section.at + size)
    section.skip(size)
    for (let locals = body.number(); locals > 0; locals--) body.numbers(2)
    while (body.at < body.end) skipInstruction(body)
  }
}

function skipInstruction(body: Reader): void {
  const opcode = body.byte()
  if (opcode === 0xfd) skipSimd(body)
  else if (opcode === 0xfc) skipBulk(body)
  else if (ONE_INDEX.has(opcode)) body.number()
  else if (opcode >= 0x02 && opcode <= 0x04) body.number()
  else if (opcode === 0x0e) body.numbers(body.number() + 1)
  else if (opcode >= 0x28 && opcode <= 0x3e) body.numbers(2)
  else if (opcode === 0x3f || opcode === 0x40) body.number()
  else if (opcode === 0x41 || opcode === 0x42) body.number()
  else if (opcode === 0x43) body.skip(4)
  else if (opcode === 0x44) body.skip(8)
  else if (!isPlain(opcode)) throw new Error(`instruction 0x${opcode.toString(16)} is not one the engine may use`)
}

/** Instructions without anything behind them: control, drop, select, and all arithmetic up to the sign extensions. */
function isPlain(opcode: number): boolean {
  const control = [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b]
  return control.includes(opcode) || (opcode >= 0x45 && opcode <= 0xc4)
}

/** Saturating truncations, memory.copy and memory.fill. */
function skipBulk(body: Reader): void {
  const operation = body.number()
  if (operation === 10) body.numbers(2)
  else if (operation === 11) body.number()
  else if (operation > 7) throw new Error(`instruction 0xfc ${operation} is not one the engine may use`)
}

function skipSimd(body: Reader): void {
  const operation = body.number()
  if (operation >= SIMD.firstRelaxed)
    throw new Error(`instruction 0xfd ${operation} is relaxed: its results may differ`)
  if (operation <= 11 || operation === 92 || operation === 93) body.numbers(2)
  else if (operation === SIMD.const || operation === SIMD.shuffle) body.skip(16)
  else if (operation >= 21 && operation <= 34) body.skip(1)
  else if (operation >= 84 && operation <= 91) {
    body.numbers(2)
    body.skip(1)
  }
}
