// SHA-256 (FIPS 180-4) in one go over several pieces. A block of transactions takes tens of thousands of hashes of some
// hundred bytes, where more than half of the time of a general implementation goes into its objects: here there are none.

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes (section 4.2.2). */
const K = wordsOf(
  '428a2f98 71374491 b5c0fbcf e9b5dba5 3956c25b 59f111f1 923f82a4 ab1c5ed5 d807aa98 12835b01 243185be 550c7dc3 ' +
    '72be5d74 80deb1fe 9bdc06a7 c19bf174 e49b69c1 efbe4786 0fc19dc6 240ca1cc 2de92c6f 4a7484aa 5cb0a9dc 76f988da ' +
    '983e5152 a831c66d b00327c8 bf597fc7 c6e00bf3 d5a79147 06ca6351 14292967 27b70a85 2e1b2138 4d2c6dfc 53380d13 ' +
    '650a7354 766a0abb 81c2c92e 92722c85 a2bfe8a1 a81a664b c24b8b70 c76c51a3 d192e819 d6990624 f40e3585 106aa070 ' +
    '19a4c116 1e376c08 2748774c 34b0bcb5 391c0cb3 4ed8aa4a 5b9cca4f 682e6ff3 748f82ee 78a5636f 84c87814 8cc70208 ' +
    '90befffa a4506ceb bef9a3f7 c67178f2',
)
/** The same of the square roots of the first 8 primes (section 5.3.3). */
const INITIAL = wordsOf('6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19')

function wordsOf(text: string): Int32Array {
  return Int32Array.from(text.split(' ').map(word => Number.parseInt(word, 16)))
}

const BLOCK_BYTES = 64
/** Where the length of the message stands in its last block. */
const LENGTH_AT = 56

// One hash at a time is under way, from its first line to its last, so all share this memory.
const state = new Int32Array(8)
const words = new Int32Array(64)
const block = new Uint8Array(BLOCK_BYTES)

/** SHA-256 of the parts, joined: 32 bytes. */
export function sha256Of(parts: readonly Uint8Array[]): Uint8Array {
  state.set(INITIAL)
  let filled = 0
  let total = 0
  for (const part of parts) {
    const { length } = part
    total += length
    let at = 0
    if (filled > 0) {
      while (at < length && filled < BLOCK_BYTES) block[filled++] = part[at++]!
      if (filled < BLOCK_BYTES) continue
      compress(block, 0)
    }
    for (; length - at >= BLOCK_BYTES; at += BLOCK_BYTES) compress(part, at)
    for (filled = 0; at < length; ) block[filled++] = part[at++]!
  }
  block[filled++] = 0x80
  if (filled > LENGTH_AT) {
    block.fill(0, filled)
    compress(block, 0)
    filled = 0
  }
  block.fill(0, filled)
  // The length in bits, 64 bits wide; that of an array in bytes is less than 2^53.
  putWord(block, LENGTH_AT, Math.floor(total / 0x20000000))
  putWord(block, LENGTH_AT + 4, total << 3)
  compress(block, 0)
  const digest = new Uint8Array(32)
  for (let i = 0; i < 8; i++) putWord(digest, 4 * i, state[i]!)
  return digest
}

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24
  bytes[at + 1] = word >>> 16
  bytes[at + 2] = word >>> 8
  bytes[at + 3] = word
}

/** Section 6.2.2, with its names. */
function compress(bytes: Uint8Array, at: number): void {
  for (let t = 0, i = at; t < 16; t++, i += 4)
    words[t] = (bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!
  for (let t = 16; t < 64; t++) {
    const x = words[t - 15]!
    const y = words[t - 2]!
    const sigma0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const sigma1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    words[t] = (sigma1 + words[t - 7]! + sigma0 + words[t - 16]!) | 0
  }
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let f = state[5]!
  let g = state[6]!
  let h = state[7]!
  for (let t = 0; t < 64; t++) {
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const t1 = (h + sum1 + ((e & f) ^ (~e & g)) + K[t]! + words[t]!) | 0
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const t2 = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  state[0] = (state[0]! + a) | 0
  state[1] = (state[1]! + b) | 0
  state[2] = (state[2]! + c) | 0
  state[3] = (state[3]! + d) | 0
  state[4] = (state[4]! + e) | 0
  state[5] = (state[5]! + f) | 0
  state[6] = (state[6]! + g) | 0
  state[7] = (state[7]! + h) | 0
}
