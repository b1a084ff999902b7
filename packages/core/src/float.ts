const view = new DataView(new ArrayBuffer(4))
const QUIET_NAN = 0x7fc00000

/** Bits of `x` rounded to float32, as an integer 0..2^32-1. Every NaN gives the same bits, because CPUs differ on them. */
export function float32Bits(x: number): number {
  if (Number.isNaN(x)) return QUIET_NAN
  view.setFloat32(0, x)
  return view.getUint32(0)
}

/** The float32 with these bits (an integer 0..2^32-1). */
export function float32OfBits(bits: number): number {
  view.setUint32(0, bits)
  return view.getFloat32(0)
}

/** Whether these bits are a finite float32: the exponent is not all ones. */
export function isFiniteFloat32Bits(bits: number): boolean {
  return Number.isInteger(bits) && bits >= 0 && bits <= 0xffffffff && (bits & 0x7f800000) !== 0x7f800000
}
