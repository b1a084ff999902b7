import { HydraError } from '@hydraai/core'

/**
 * Refuses NaN and infinities, whose bits differ between processors: to be called where values are hashed or received.
 * @throws HydraError NON_FINITE
 */
export function assertFinite(values: Float32Array, what: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!)) {
      throw new HydraError('NON_FINITE', `${what}: value ${i} is ${values[i]}, not a finite number`, {
        details: { index: i },
      })
    }
  }
}

/** float32 values as little-endian bytes, four each. @throws HydraError NON_FINITE */
export function parametersToBytes(values: Float32Array): Uint8Array {
  assertFinite(values, 'parameters')
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < values.length; i++) view.setFloat32(i * 4, values[i]!, true)
  return bytes
}

/** The values of little-endian bytes. @throws HydraError PARAMETERS_INVALID, NON_FINITE */
export function parametersOfBytes(bytes: Uint8Array): Float32Array {
  if (bytes.length % 4 !== 0) {
    throw new HydraError('PARAMETERS_INVALID', `parameters: ${bytes.length} bytes are not a multiple of 4`)
  }
  const values = new Float32Array(bytes.length / 4)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(i * 4, true)
  assertFinite(values, 'parameters')
  return values
}
