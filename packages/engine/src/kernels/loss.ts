import { exp2, ln } from './mathematics'

/**
 * Softmax cross-entropy. Returns the sum over rows of -ln softmax(logits[row])[label], in float64, rows in order.
 * gradient (0: none): [rows, classes] = (softmax - one-hot) · scale. predictions (0: none): the class of the
 * greatest logit of each row, the first of equals, as i32. A row whose label is below 0 has no loss and no gradient.
 * losses (0: none): the loss of each row, in float64, 0 for one without.
 */
export function softmaxCrossEntropy(
  logits: usize, labels: usize, rows: i32, classes: i32, gradient: usize, scale: f64, predictions: usize,
  losses: usize,
): f64 {
  const bytes = (<usize>classes) << 2
  let loss: f64 = 0
  for (let row = 0; row < rows; row++) {
    const greatest = greatestOf(logits, classes)
    if (predictions) {
      let best = 0
      while (best < classes - 1 && load<f32>(logits + ((<usize>best) << 2)) != greatest) best++
      store<i32>(predictions + ((<usize>row) << 2), best)
    }
    const label = load<i32>(labels + ((<usize>row) << 2))
    let own: f64 = 0
    if (label >= 0) own = rowLoss(logits, label, classes, greatest, gradient, scale)
    else if (gradient) memory.fill(gradient, 0, bytes)
    loss += own
    if (losses) store<f64>(losses + ((<usize>row) << 3), own)
    if (gradient) gradient += bytes
    logits += bytes
  }
  return loss
}

function greatestOf(values: usize, count: i32): f32 {
  let greatest = load<f32>(values)
  let c = 1
  if (count >= 8) {
    let four = v128.load(values)
    for (c = 4; c + 4 <= count; c += 4) four = f32x4.pmax(four, v128.load(values + ((<usize>c) << 2)))
    greatest = f32x4.extract_lane(four, 0)
    greatest = larger(f32x4.extract_lane(four, 1), greatest)
    greatest = larger(f32x4.extract_lane(four, 2), greatest)
    greatest = larger(f32x4.extract_lane(four, 3), greatest)
  }
  for (; c < count; c++) greatest = larger(load<f32>(values + ((<usize>c) << 2)), greatest)
  return greatest
}

// @ts-ignore: decorator
@inline
function larger(a: f32, b: f32): f32 {
  return a > b ? a : b
}

function rowLoss(logits: usize, label: i32, classes: i32, greatest: f32, gradient: usize, scale: f64): f64 {
  const top = f64x2.splat(<f64>greatest)
  const even = classes & ~1
  let sum: f64 = 0
  for (let c = 0; c < even; c += 2) {
    const at = (<usize>c) << 2
    const pair = exp2(f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(logits + at)), top))
    sum += f64x2.extract_lane(pair, 0)
    sum += f64x2.extract_lane(pair, 1)
    if (gradient) v128.store64_lane(gradient + at, f32x4.demote_f64x2_zero(pair), 0)
  }
  if (classes & 1) {
    const at = (<usize>even) << 2
    const power = f64x2.extract_lane(exp2(f64x2.sub(f64x2.splat(<f64>load<f32>(logits + at)), top)), 0)
    sum += power
    if (gradient) store<f32>(gradient + at, <f32>power)
  }
  if (gradient) {
    const at = gradient + ((<usize>label) << 2)
    const factor = scale / sum
    const own = <f32>(<f64>load<f32>(at) * factor - scale)
    const factors = f64x2.splat(factor)
    for (let c = 0; c < even; c += 2) {
      const to = gradient + ((<usize>c) << 2)
      const pair = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(to)), factors)
      v128.store64_lane(to, f32x4.demote_f64x2_zero(pair), 0)
    }
    if (classes & 1) {
      const to = gradient + ((<usize>even) << 2)
      store<f32>(to, <f32>(<f64>load<f32>(to) * factor))
    }
    store<f32>(at, own)
  }
  return ln(sum) - (<f64>load<f32>(logits + ((<usize>label) << 2)) - <f64>greatest)
}

/** The sum of (output - target)² in float64, in ascending order. gradient (0: none) = 2 (output - target) · scale. */
export function squaredError(outputs: usize, targets: usize, count: i32, gradient: usize, scale: f64): f64 {
  let loss: f64 = 0
  for (let i = 0; i < count; i++) {
    const at = (<usize>i) << 2
    const difference = <f64>load<f32>(outputs + at) - <f64>load<f32>(targets + at)
    loss += difference * difference
    if (gradient) store<f32>(gradient + at, <f32>(2.0 * difference * scale))
  }
  return loss
}
