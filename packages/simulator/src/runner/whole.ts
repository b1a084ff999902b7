/** The whole number that stands behind `--flag`. Throws RangeError with a sentence that says what is wanted. */
export function wholeOf(flag: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw new RangeError(`--${flag} ${text}: a whole number from ${min} to ${max} is wanted`)
  return value
}

/** Of `--jobs`; as many as there are cores where it is not given. */
export function jobsOf(text: string | undefined, cores: number): number {
  return text === undefined ? cores : wholeOf('jobs', text, 1, 256)
}
