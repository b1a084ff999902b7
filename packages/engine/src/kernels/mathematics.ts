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
