// e^x in float32, four at a time: what softmax, GELU and SiLU are made of. At most 1 ulp from the exact value, and results
// below the smallest normal number are rounded like all others (docs/engine-numerics.md).

// Constants are read from memory: V8 makes each constant vector anew in every round of a loop, with four instructions.
const c: usize = memory.data<f32>(
  [
    89.0, -104.0, 12582912.0, 1.44269504088896341, 0.693359375, 2.12194440e-4,
    1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
    1.0,
  ],
  16,
)

/** Constant number `index` in all four lanes. */
// @ts-ignore: decorator
@inline
function constant(index: usize): v128 {
  return v128.load_splat<f32>(c + (index << 2))
}

/** e^x: x = n ln 2 + r, |r| <= ln 2 / 2; e^r = 1 + r + r² P(r), P from the Cephes library (Moshier). */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, constant(0)), constant(1))
  // Adding 1.5 · 2^23 rounds to a whole number, which then stands in the lowest bits.
  const magic = constant(2)
  const shifted = f32x4.add(f32x4.mul(x, constant(3)), magic)
  const n = f32x4.sub(shifted, magic)
  // 0.693359375 has nine bits, n eight: their product is exact.
  let r = f32x4.sub(x, f32x4.mul(n, constant(4)))
  r = f32x4.add(r, f32x4.mul(n, constant(5)))
  let p = constant(6)
  p = f32x4.add(f32x4.mul(p, r), constant(7))
  p = f32x4.add(f32x4.mul(p, r), constant(8))
  p = f32x4.add(f32x4.mul(p, r), constant(9))
  p = f32x4.add(f32x4.mul(p, r), constant(10))
  p = f32x4.add(f32x4.mul(p, r), constant(11))
  const one = constant(12)
  const s = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), one)
  // 2^n in two steps, so that neither leaves the range of the exponent; the bits of 1 are those of 2^0.
  const whole = i32x4.sub(shifted, magic)
  const half = i32x4.shr_s(whole, 1)
  const first = i32x4.add(i32x4.shl(half, 23), one)
  const second = i32x4.add(i32x4.shl(i32x4.sub(whole, half), 23), one)
  return f32x4.mul(f32x4.mul(s, first), second)
}

/** 1 / (1 + e^-x). */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = constant(12)
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))))
}

/** The four lanes, added pairwise. */
// @ts-ignore: decorator
@inline
export function sum4(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
}
