import { exp, ln } from './mathematics'

/**
 * Softmax cross-entropy. Returns the sum over rows of -ln softmax(logits[row])[label], in float64, rows in order.
 * gradient (0: none): [rows, classes] = (softmax - one-hot) · scale. predictions (0: none): the class of the
 * greatest logit of each row, the first of equals, as i32. A row whose label is below 0 has no loss and no gradient.
 */
export function softmaxCrossEntropy(
  logits: usize, labels: usize, rows: i32, classes: i32, gradient: usize, scale: f64, predictions: usize,
): f64 {
  const bytes = (<usize>classes) << 2
  let loss: f64 = 0
  for (let row = 0; row < rows; row++) {
    let greatest = load<f32>(logits)
    let best = 0
    for (let c = 1; c < classes; c++) {
      const value = load<f32>(logits + ((<usize>c) << 2))
      if (value > greatest) {
        greatest = value
        best = c
      }
    }
    if (predictions) store<i32>(predictions + ((<usize>row) << 2), best)
    const label = load<i32>(labels + ((<usize>row) << 2))
    if (label < 0) {
      if (gradient) memory.fill(gradient, 0, bytes)
    } else {
      loss += rowLoss(logits, label, classes, greatest, gradient, scale)
    }
    if (gradient) gradient += bytes
    logits += bytes
  }
  return loss
}

function rowLoss(logits: usize, label: i32, classes: i32, greatest: f32, gradient: usize, scale: f64): f64 {
  let sum: f64 = 0
  for (let c = 0; c < classes; c++) {
    const at = (<usize>c) << 2
    const power = exp(<f64>load<f32>(logits + at) - <f64>greatest)
    sum += power
    if (gradient) store<f32>(gradient + at, <f32>power)
  }
  if (gradient) {
    const factor = scale / sum
    for (let c = 0; c < classes; c++) {
      const at = gradient + ((<usize>c) << 2)
      const probability = <f64>load<f32>(at) * factor
      store<f32>(at, <f32>(c == label ? probability - scale : probability))
    }
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
