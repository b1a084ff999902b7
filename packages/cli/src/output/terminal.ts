import pc from 'picocolors'

/** Lines on stdout, and on a terminal a last line that is kept up to date in place. Colour only on a terminal. */
export class Terminal {
  readonly live = process.stdout.isTTY === true
  readonly colors = pc.createColors(this.live && pc.isColorSupported)
  #status = ''

  line(text = ''): void {
    this.#clear()
    process.stdout.write(`${text}\n`)
    this.#draw()
  }

  fact(name: string, value: string): void {
    this.line(`  ${this.colors.dim(name.padEnd(9))} ${value}`)
  }

  /** A line on stderr that does not run into the status line. */
  aside(text: string): void {
    this.#clear()
    process.stderr.write(`${text}\n`)
    this.#draw()
  }

  /** The live line; an empty text takes it away. Elsewhere than on a terminal nothing is shown. */
  status(text: string): void {
    this.#clear()
    this.#status = text
    this.#draw()
  }

  #clear(): void {
    if (this.live && this.#status) process.stdout.write('\r\x1b[2K')
  }

  /** Never wraps: a wrapped line could not be taken back. */
  #draw(): void {
    if (this.live && this.#status) process.stdout.write(clip(this.#status, (process.stdout.columns || 80) - 1))
  }
}

/** Cuts to `width` visible characters; colour codes take none. */
export function clip(text: string, width: number): string {
  let seen = 0
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what a colour code begins with
  return text.replace(/\x1b\[[0-9;]*m|./gu, part => (part.length > 2 ? part : seen++ < width ? part : ''))
}
