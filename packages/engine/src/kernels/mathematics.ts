// exp, ln, sin and cos in float64 by + - * / alone. The functions of the same name in JavaScript differ between engines;
// these cannot. Relative error below 1e-15 where used.

const LN2_HIGH: f64 = 6.93147180369123816490e-1
const LN2_LOW: f64 = 1.90821492927058770002e-10
const INVERSE_LN2: f64 = 1.44269504088896338700

/** e^x. Below -745: 0; above 709: infinity. exp(x) = 2^n · e^r with |r| <= ln 2 / 2, e^r by its Taylor series to r^13. */
export function exp(x: f64): f64 {
  if (x != x) return x
  if (x > 709.0) return Infinity
  if (x < -745.0) return 0
  const n = nearest<f64>(x * INVERSE_LN2)
  const r = x - n * LN2_HIGH - n * LN2_LOW
  let s: f64 = 1.0 / 6227020800.0
  s = s * r + 1.0 / 479001600.0
  s = s * r + 1.0 / 39916800.0
  s = s * r + 1.0 / 3628800.0
  s = s * r + 1.0 / 362880.0
  s = s * r + 1.0 / 40320.0
  s = s * r + 1.0 / 5040.0
  s = s * r + 1.0 / 720.0
  s = s * r + 1.0 / 120.0
  s = s * r + 1.0 / 24.0
  s = s * r + 1.0 / 6.0
  s = s * r + 0.5
  s = s * r + 1.0
  s = s * r + 1.0
  // In two steps, so that results below the smallest normal number are reached without an overflow of the exponent.
  const half = <i32>n / 2
  return s * powerOfTwo(half) * powerOfTwo(<i32>n - half)
}

/** What exp2 needs, read from memory as in vector.ts. */
const constants: usize = memory.data<f64>(
  [
    -708.0, INVERSE_LN2, LN2_HIGH, LN2_LOW,
    1.0 / 6227020800.0, 1.0 / 479001600.0, 1.0 / 39916800.0, 1.0 / 3628800.0, 1.0 / 362880.0, 1.0 / 40320.0, 1.0 / 5040.0,
    1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 6755399441055744.0,
  ],
  16,
)

/** Constant number `index` in both lanes. */
// @ts-ignore: decorator
@inline
function pairOf(index: usize): v128 {
  return v128.load_splat<f64>(constants + (index << 3))
}

/** exp of two numbers that are not above 709, to the same bits. Below -708: e^-708. */
// @ts-ignore: decorator
@inline
export function exp2(x: v128): v128 {
  x = f64x2.pmax(x, pairOf(0))
  const n = f64x2.nearest(f64x2.mul(x, pairOf(1)))
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(n, pairOf(2))), f64x2.mul(n, pairOf(3)))
  let s = pairOf(4)
  s = f64x2.add(f64x2.mul(s, r), pairOf(5))
  s = f64x2.add(f64x2.mul(s, r), pairOf(6))
  s = f64x2.add(f64x2.mul(s, r), pairOf(7))
  s = f64x2.add(f64x2.mul(s, r), pairOf(8))
  s = f64x2.add(f64x2.mul(s, r), pairOf(9))
  s = f64x2.add(f64x2.mul(s, r), pairOf(10))
  s = f64x2.add(f64x2.mul(s, r), pairOf(11))
  s = f64x2.add(f64x2.mul(s, r), pairOf(12))
  s = f64x2.add(f64x2.mul(s, r), pairOf(13))
  s = f64x2.add(f64x2.mul(s, r), pairOf(14))
  s = f64x2.add(f64x2.mul(s, r), pairOf(15))
  s = f64x2.add(f64x2.mul(s, r), pairOf(16))
  s = f64x2.add(f64x2.mul(s, r), pairOf(16))
  // Adding 1.5 · 2^52 puts a whole number into the lowest bits.
  const whole = f64x2.add(n, pairOf(17))
  return f64x2.mul(s, i64x2.add(i64x2.shl(whole, 52), pairOf(16)))
}

// @ts-ignore: decorator
@inline
function powerOfTwo(n: i32): f64 {
  return reinterpret<f64>((<i64>(n + 1023)) << 52)
}

/** The natural logarithm of a positive normal x: ln x = e · ln 2 + 2 artanh((m - 1) / (m + 1)), sqrt(1/2) <= m < sqrt 2. */
export function ln(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN
  if (x == Infinity) return x
  const bits = reinterpret<i64>(x)
  let exponent = <i32>(bits >> 52) - 1023
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000)
  if (m > 1.4142135623730951) {
    m *= 0.5
    exponent += 1
  }
  const s = (m - 1.0) / (m + 1.0)
  const z = s * s
  let t: f64 = 1.0 / 23.0
  t = t * z + 1.0 / 21.0
  t = t * z + 1.0 / 19.0
  t = t * z + 1.0 / 17.0
  t = t * z + 1.0 / 15.0
  t = t * z + 1.0 / 13.0
  t = t * z + 1.0 / 11.0
  t = t * z + 1.0 / 9.0
  t = t * z + 1.0 / 7.0
  t = t * z + 1.0 / 5.0
  t = t * z + 1.0 / 3.0
  const e = <f64>exponent
  return e * LN2_HIGH + (e * LN2_LOW + 2.0 * s * z * t + 2.0 * s)
}

/** sin(2π · turns), 0 <= turns < 1. */
export function sinOfTurns(turns: f64): f64 {
  const quarter = nearest<f64>(turns * 4.0)
  const r = (turns - quarter * 0.25) * 6.283185307179586
  const q = <i32>quarter & 3
  const value = q & 1 ? cosSeries(r) : sinSeries(r)
  return q & 2 ? -value : value
}

/** cos(2π · turns), 0 <= turns < 1. */
export function cosOfTurns(turns: f64): f64 {
  const quarter = nearest<f64>(turns * 4.0)
  const r = (turns - quarter * 0.25) * 6.283185307179586
  const q = <i32>quarter & 3
  const value = q & 1 ? sinSeries(r) : cosSeries(r)
  return q == 1 || q == 2 ? -value : value
}

function sinSeries(r: f64): f64 {
  const z = r * r
  let s: f64 = -1.0 / 1307674368000.0
  s = s * z + 1.0 / 6227020800.0
  s = s * z - 1.0 / 39916800.0
  s = s * z + 1.0 / 362880.0
  s = s * z - 1.0 / 5040.0
  s = s * z + 1.0 / 120.0
  s = s * z - 1.0 / 6.0
  return r + r * z * s
}

function cosSeries(r: f64): f64 {
  const z = r * r
  let s: f64 = 1.0 / 20922789888000.0
  s = s * z - 1.0 / 87178291200.0
  s = s * z + 1.0 / 479001600.0
  s = s * z - 1.0 / 3628800.0
  s = s * z + 1.0 / 40320.0
  s = s * z - 1.0 / 720.0
  s = s * z + 1.0 / 24.0
  s = s * z - 0.5
  return s * z + 1.0
}

/** tanh x. */
export function tanhOf(x: f64): f64 {
  if (x != x) return x
  const size = abs<f64>(x)
  if (size < 1e-4) return x * (1.0 - x * x * (1.0 / 3.0))
  if (size > 20.0) return copysign<f64>(1.0, x)
  const power = exp(2.0 * size)
  return copysign<f64>((power - 1.0) / (power + 1.0), x)
}

/** erf x = 2 / sqrt π · e^(-x²) · (x + 2x³ / 3 + 4x⁵ / 15 + …), whose terms all have one sign. Beyond 6: ±1. */
export function erfOf(x: f64): f64 {
  if (x != x) return x
  if (abs<f64>(x) > 6.0) return copysign<f64>(1.0, x)
  const square = x * x
  let term: f64 = 1
  let sum: f64 = 1
  for (let odd: f64 = 3; term > sum * 1e-17; odd += 2) {
    term *= (2.0 * square) / odd
    sum += term
  }
  return 1.1283791670955126 * exp(-square) * x * sum
}

/** The bits of 2 / π behind the point, 32 a word. */
const twoOverPi: usize = memory.data<u32>([
  0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561,
])

/** sin x of a float32 x in radians, however large. Not finite: NaN. */
export function sinOfRadians(x: f32): f64 {
  return x == 0 ? <f64>x : sinOfQuarters(x, 0)
}

/** cos x of a float32 x in radians, however large. Not finite: NaN. */
export function cosOfRadians(x: f32): f64 {
  return sinOfQuarters(x, 1)
}

/** sin(x + ahead · π / 2): x is taken apart into q quarters of a turn and a rest r, |r| <= π / 4. */
function sinOfQuarters(x: f32, ahead: i32): f64 {
  const bits = reinterpret<u32>(x)
  const exponent = <i32>((bits >> 23) & 0xff)
  if (exponent == 0xff) return NaN
  let q: i32 = 0
  let r: f64 = 0
  if (exponent < 152) {
    // |x| < 2^25. π / 2 in three parts (Cody and Waite): the products with the first two are exact.
    const n = nearest<f64>(<f64>x * 0.6366197723675814)
    r = <f64>x - n * 1.5707963109016418
    r = r - n * 1.5893254712295857e-8
    r = r - n * 6.123233995736766e-17
    q = <i32>n
  } else {
    // Whole turns of m · 2^e drop out with the leading bits of 2 / π (Payne and Hanek, 1983).
    const m = <u64>((bits & 0x7fffff) | 0x800000)
    const skip = exponent - 152
    const at = twoOverPi + ((<usize>(skip >> 5)) << 2)
    const shift = <u64>(skip & 31)
    const turns =
      ((m * wordAt(at, shift)) << 32) + m * wordAt(at + 4, shift) + ((m * wordAt(at + 8, shift)) >> 32)
    q = <i32>((turns + ((<u64>1) << 61)) >> 62)
    r = <f64>(<i64>(turns - ((<u64>q) << 62))) * 3.4061215800865545e-19
    if (x < 0) {
      q = -q
      r = -r
    }
  }
  q += ahead
  const value = q & 1 ? cosSeries(r) : sinSeries(r)
  return q & 2 ? -value : value
}

// @ts-ignore: decorator
@inline
function wordAt(at: usize, shift: u64): u64 {
  return ((((<u64>load<u32>(at)) << 32) | <u64>load<u32>(at, 4)) << shift) >> 32
}
