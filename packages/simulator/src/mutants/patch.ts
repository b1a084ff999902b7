/** The source with every patch in it. @throws Error when one does not find its place, or more than one */
export function applyPatches(
  file: string,
  source: string,
  patches: readonly { readonly find: string; readonly replace: string }[],
): string {
  let patched = source
  for (const { find, replace } of patches) {
    const parts = patched.split(find)
    if (parts.length !== 2)
      throw new Error(`${file}: found ${parts.length - 1} times, not once: ${JSON.stringify(find)}`)
    patched = parts.join(replace)
  }
  return patched
}
