/**
 * The source with `export function name` replaced by what `hydraMemo[name]` makes of that function. @throws Error when
 * the file has no such function, or more than one
 */
export function wrapExport(file: string, source: string, name: string): string {
  const parts = source.split(new RegExp(`^export function ${name}(?=[(<])`, 'm'))
  if (parts.length !== 2) throw new Error(`${file}: found ${parts.length - 1} exported functions ${name}, not one`)
  return `${parts.join(`function ${name}Anew`)}\nexport const ${name} = globalThis.hydraMemo.${name}(${name}Anew)\n`
}
