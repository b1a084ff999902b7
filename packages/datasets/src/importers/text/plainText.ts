/** A file of running text as a text dataset: a model learns what comes next. */
import { type Tokenizer, trainTokenizer } from '@hydraai/engine'
import type { TextSample } from '@hydraai/training'
import { readBounded, textOf } from '../files.ts'
import { dataError, type Imported, type ImportOptions } from '../importer.ts'
import { splitByHash, splitKeyOf } from '../split.ts'
import { MOST_HELD_OUT_TEXTS, textImport, textSizes } from './textImport.ts'

const MAX_FILE_BYTES = 64 * 1024 * 1024
/** Characters after which a piece ends with the line, and at which it ends at all. */
const PIECE = 1000
const LONGEST_PIECE = 4000
/** A shorter text is cut into so many pieces, so that there is something to hold out. */
const LEAST_PIECES = 20

/** @throws HydraError DATA_INVALID, DATA_TOO_LARGE, DATA_TOO_FEW, OPTION_INVALID */
export async function importText(path: string, options: ImportOptions): Promise<Imported> {
  const { context, vocabulary } = textSizes(options)
  const text = textOf(await readBounded(path, MAX_FILE_BYTES), path).replaceAll('\r\n', '\n')
  if (text.trim() === '') throw dataError(path, 'it is empty', 'Give a file with text.')
  const pieces = piecesOf(text)
  const split = splitByHash(pieces.map(splitKeyOf))
  const heldOut = new Set(split.heldOut)
  options.onProgress?.({ what: 'learning the tokens', done: 0, total: 0 })
  const tokenizer = trainTokenizer(
    split.train.map(i => pieces[i]!),
    vocabulary,
  )
  options.onProgress?.({ what: 'cutting the text', done: 0, total: 0 })
  const sides: [train: TextSample[], heldOut: TextSample[]] = [[], []]
  // Pieces of one side that follow one another are one text again.
  for (let start = 0; start < pieces.length; ) {
    let end = start + 1
    while (end < pieces.length && heldOut.has(end) === heldOut.has(start)) end++
    const side = sides[heldOut.has(start) ? 1 : 0]
    for (const window of windowsOf(tokenizer, pieces.slice(start, end).join(''), context)) side.push(window)
    start = end
  }
  const [train, judged] = sides
  if (train.length === 0 || judged.length === 0) {
    throw dataError(path, 'the text is too short to hold out a part', 'Give a longer text.')
  }
  return textImport({
    where: path,
    format: 'text',
    mode: 'text',
    context,
    tokenizer,
    train,
    heldOut: evenly(judged, MOST_HELD_OUT_TEXTS),
    warnings: [`${heldOut.size} of ${pieces.length} pieces of the text are held out.`],
  })
}

/** At most so many, from all over. */
function evenly<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all
  return Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)]!)
}

/** The text in pieces that end with a line where lines are not too long. */
export function piecesOf(text: string): string[] {
  const least = Math.min(PIECE, Math.ceil(text.length / LEAST_PIECES))
  const pieces: string[] = []
  for (let start = 0; start < text.length; ) {
    const line = text.indexOf('\n', start + least - 1)
    const end = Math.min(line < 0 ? text.length : line + 1, start + Math.max(LONGEST_PIECE, least))
    // Not between the two halves of a character.
    const cut = end < text.length && isLowSurrogate(text.charCodeAt(end)) ? end + 1 : end
    pieces.push(text.slice(start, cut))
    start = cut
  }
  return pieces
}

/** Windows of context + 1 tokens, each beginning with the last token of the one before, so that every token is learnt once. */
function windowsOf(tokenizer: Tokenizer, text: string, context: number): TextSample[] {
  const tokens = tokenizer.encode(text)
  const windows: TextSample[] = []
  for (let at = 0; at + 1 < tokens.length; at += context) {
    windows.push({ tokens: tokens.subarray(at, at + context + 1), from: 1 })
  }
  return windows
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
