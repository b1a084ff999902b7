/**
 * One step of AdamW (Loshchilov and Hutter, 2019; Adam when decay is 1), element by element:
 * m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g²;  p = p · decay - rate · m / (sqrt(v) · scale + epsilon)
 * rate = learning rate / (1 - beta1^t); scale = 1 / sqrt(1 - beta2^t); decay = 1 - learning rate · weight decay.
 */
export function adamw(
  parameters: usize, gradients: usize, first: usize, second: usize, count: i32,
  beta1: f32, gain1: f32, beta2: f32, gain2: f32, rate: f32, scale: f32, epsilon: f32, decay: f32,
): void {
  const beta1s = f32x4.splat(beta1)
  const gain1s = f32x4.splat(gain1)
  const beta2s = f32x4.splat(beta2)
  const gain2s = f32x4.splat(gain2)
  const rates = f32x4.splat(rate)
  const scales = f32x4.splat(scale)
  const epsilons = f32x4.splat(epsilon)
  const decays = f32x4.splat(decay)
  const bytes = (<usize>(count & ~3)) << 2
  let at: usize = 0
  for (; at < bytes; at += 16) {
    const g = v128.load(gradients + at)
    const m = f32x4.add(f32x4.mul(beta1s, v128.load(first + at)), f32x4.mul(gain1s, g))
    const v = f32x4.add(f32x4.mul(beta2s, v128.load(second + at)), f32x4.mul(f32x4.mul(gain2s, g), g))
    v128.store(first + at, m)
    v128.store(second + at, v)
    const divisor = f32x4.add(f32x4.mul(f32x4.sqrt(v), scales), epsilons)
    const p = f32x4.mul(v128.load(parameters + at), decays)
    v128.store(parameters + at, f32x4.sub(p, f32x4.div(f32x4.mul(rates, m), divisor)))
  }
  for (let i = count & 3; i > 0; i--) {
    const g = load<f32>(gradients + at)
    const m = beta1 * load<f32>(first + at) + gain1 * g
    const v = beta2 * load<f32>(second + at) + gain2 * g * g
    store<f32>(first + at, m)
    store<f32>(second + at, v)
    const divisor = sqrt<f32>(v) * scale + epsilon
    store<f32>(parameters + at, load<f32>(parameters + at) * decay - (rate * m) / divisor)
    at += 4
  }
}

/** One step of SGD: b = momentum b + g;  p = p - rate · (nesterov ? g + momentum b : b) (Sutskever et al., 2013). */
export function sgd(
  parameters: usize, gradients: usize, velocity: usize, count: i32, rate: f32, momentum: f32, nesterov: i32,
): void {
  const rates = f32x4.splat(rate)
  const momentums = f32x4.splat(momentum)
  const bytes = (<usize>(count & ~3)) << 2
  let at: usize = 0
  for (; at < bytes; at += 16) {
    const g = v128.load(gradients + at)
    const b = f32x4.add(f32x4.mul(momentums, v128.load(velocity + at)), g)
    v128.store(velocity + at, b)
    const step = nesterov ? f32x4.add(g, f32x4.mul(momentums, b)) : b
    v128.store(parameters + at, f32x4.sub(v128.load(parameters + at), f32x4.mul(rates, step)))
  }
  for (let i = count & 3; i > 0; i--) {
    const g = load<f32>(gradients + at)
    const b = momentum * load<f32>(velocity + at) + g
    store<f32>(velocity + at, b)
    const step = nesterov ? g + momentum * b : b
    store<f32>(parameters + at, load<f32>(parameters + at) - rate * step)
    at += 4
  }
}
