// Elementwise functions between layers. They work on four elements at a time: a count is rounded up to a multiple of four,
// and buffers must have room for that.
import { exp4, sigmoid4 } from './vector'
import { cosOfRadians, erfOf, ln, sinOfRadians, tanhOf, exp } from './mathematics'
import { philox } from './random'
import { scratchWord } from './scratch'

/** sqrt(8 / π), 0.044715 · sqrt(8 / π), 1: read from memory as in vector.ts. */
const constants: usize = memory.data<f32>([1.5957691216057308, 0.07135481282553488, 1.0], 16)

/**
 * GELU in its tanh form (Hendrycks and Gimpel, 2016): y = x σ(2u), u = sqrt(2 / π) (x + 0.044715 x³), which is
 * x (1 + tanh u) / 2. `slope` receives dy / dx, all that the gradient needs; it may be x.
 */
export function gelu(x: usize, y: usize, slope: usize, count: i32): void {
  const end = x + ((<usize>count) << 2)
  while (x < end) {
    const linear = v128.load_splat<f32>(constants)
    const cubic = v128.load_splat<f32>(constants, 4)
    const one = v128.load_splat<f32>(constants, 8)
    const v = v128.load(x)
    const square = f32x4.mul(v, v)
    const cube = f32x4.mul(cubic, square)
    const s = sigmoid4(f32x4.mul(v, f32x4.add(linear, cube)))
    const result = f32x4.mul(v, s)
    const inner = f32x4.add(linear, f32x4.add(cube, f32x4.add(cube, cube)))
    v128.store(y, result)
    v128.store(slope, f32x4.add(s, f32x4.mul(f32x4.mul(result, f32x4.sub(one, s)), inner)))
    x += 16
    y += 16
    slope += 16
  }
}

/** SiLU: y = x σ(x). `slope` receives dy / dx; it may be x. */
export function silu(x: usize, y: usize, slope: usize, count: i32): void {
  const one = f32x4.splat(1)
  const end = x + ((<usize>count) << 2)
  while (x < end) {
    const v = v128.load(x)
    const s = sigmoid4(v)
    const result = f32x4.mul(v, s)
    v128.store(y, result)
    v128.store(slope, f32x4.add(s, f32x4.mul(result, f32x4.sub(one, s))))
    x += 16
    y += 16
    slope += 16
  }
}

/** y = a · b; y may be either. */
export function multiply(a: usize, b: usize, y: usize, count: i32): void {
  const end = a + ((<usize>count) << 2)
  while (a < end) {
    v128.store(y, f32x4.mul(v128.load(a), v128.load(b)))
    a += 16
    b += 16
    y += 16
  }
}

/** y = a + b; y may be either. */
export function add(a: usize, b: usize, y: usize, count: i32): void {
  const end = a + ((<usize>count) << 2)
  while (a < end) {
    v128.store(y, f32x4.add(v128.load(a), v128.load(b)))
    a += 16
    b += 16
    y += 16
  }
}

/** x = factor · x for exactly `count` elements. */
export function scale(x: usize, count: i32, factor: f32): void {
  for (let i = 0; i < count; i++) {
    store<f32>(x, load<f32>(x) * factor)
    x += 4
  }
}

/**
 * y[i] = x[i] · gain where word i mod 4 of Philox block (first + i / 4, stream, step, 0) under the key is at least `threshold`,
 * else 0. threshold = rate · 2^32, gain = 1 / (1 - rate). The gradient is the same function of dy. y may be x.
 */
export function dropout(
  x: usize, y: usize, count: i32, threshold: u32, gain: f32, stream: u32, step: u32, k0: u32, k1: u32,
  first: u32,
): void {
  const word = scratchWord()
  const gains = f32x4.splat(gain)
  const thresholds = i32x4.splat(<i32>threshold)
  for (let i = 0; i < count; i += 4) {
    philox(first + (<u32>i >> 2), stream, step, 0, k0, k1, word)
    const kept = i32x4.ge_u(v128.load(word), thresholds)
    v128.store(y, v128.and(f32x4.mul(v128.load(x), gains), kept))
    x += 16
    y += 16
  }
}

/** y = exp x by the vector formula. */
export function mapExp(x: usize, y: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    v128.store(y, exp4(v128.load(x)))
    x += 16
    y += 16
  }
}

/** y = ln, tanh, erf, sin, cos or exp (function 0 to 5) of x, by float64 formulas rounded once to float32. */
export function mapFunction(which: i32, x: usize, y: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    const v = load<f32>(x)
    const wide = <f64>v
    let result: f64 = 0
    if (which == 0) result = ln(wide)
    else if (which == 1) result = tanhOf(wide)
    else if (which == 2) result = erfOf(wide)
    else if (which == 3) result = sinOfRadians(v)
    else if (which == 4) result = cosOfRadians(v)
    else result = exp(wide)
    store<f32>(y, <f32>result)
    x += 4
    y += 4
  }
}
