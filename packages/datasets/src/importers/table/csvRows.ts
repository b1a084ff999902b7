/** The rows of a CSV file (RFC 4180), one after another, with their line numbers and bounded memory. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { CsvError, parse } from 'csv-parse'
import { readBounded, readHead, textOf } from '../files.ts'
import { dataError, tooLarge } from '../importer.ts'

export const MAX_COLUMNS = 4096
const MAX_FILE_BYTES = 256 * 1024 * 1024
const MAX_ROW_CHARACTERS = 1024 * 1024
const MAX_NAME_BYTES = 200
const HEAD_BYTES = 65_536
const DELIMITERS = [',', ';', '\t', '|']

export interface CsvFile {
  readonly path: string
  readonly bytes: number
  readonly delimiter: string
  readonly header: readonly string[]
}

export interface CsvRow {
  /** The line on which the row ends, from 1. */
  readonly line: number
  /** As many as the header has, without the spaces around them. */
  readonly cells: readonly string[]
}

/** Reads the header. @throws HydraError DATA_INVALID, DATA_TOO_LARGE */
export async function openCsv(path: string): Promise<CsvFile> {
  const { size } = await stat(path)
  if (size > MAX_FILE_BYTES) throw tooLarge(path, 'it has more than 256 MiB', 'Give a part of it.')
  const delimiter = delimiterOf(await readHead(path, HEAD_BYTES))
  for await (const { cells, line } of recordsOf({ path, delimiter })) {
    checkHeader(cells, `${path}:${line}`)
    return { path, bytes: size, delimiter, header: cells }
  }
  throw dataError(path, 'it is empty', 'Give a table with a header and rows.')
}

/** All rows behind the header. @throws HydraError DATA_INVALID, DATA_TOO_LARGE */
export async function* rowsOf(
  file: CsvFile,
  onProgress: (bytes: number) => void = () => {},
): AsyncGenerator<CsvRow, void> {
  let first = true
  for await (const row of recordsOf(file, onProgress)) {
    if (first) {
      first = false
      continue
    }
    if (row.cells.length !== file.header.length) {
      throw dataError(
        `${file.path}:${row.line}`,
        `the row has ${row.cells.length} cells and the header ${file.header.length}`,
        'Correct the row; a cell with a delimiter in it stands in double quotes.',
      )
    }
    yield row
  }
}

async function* recordsOf(
  { path, delimiter }: Pick<CsvFile, 'path' | 'delimiter'>,
  onProgress: (bytes: number) => void = () => {},
): AsyncGenerator<CsvRow, void> {
  const parser = parse({
    delimiter,
    info: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: MAX_ROW_CHARACTERS,
  })
  const text = decoded(path, onProgress)
  const feeding = feed(text, parser)
  try {
    for await (const { info, record } of parser as AsyncIterable<{ info: { lines: number }; record: string[] }>) {
      // An array of a million cells is made before it can be counted, but never more than one.
      if (record.length > MAX_COLUMNS) {
        throw tooLarge(`${path}:${info.lines}`, `the row has more than ${MAX_COLUMNS} cells`, 'Leave columns out.')
      }
      yield { line: info.lines, cells: record }
    }
    await feeding
  } catch (cause) {
    throw asDataError(cause, path)
  } finally {
    parser.destroy()
    await text.return()
    await feeding.catch(() => {})
  }
}

/** Writes the text into the parser as fast as it takes it; an error of the text is an error of the parser. */
async function feed(text: AsyncIterable<string>, parser: ReturnType<typeof parse>): Promise<void> {
  try {
    for await (const chunk of text) {
      if (parser.destroyed) return
      if (!parser.write(chunk)) await drained(parser)
    }
    if (!parser.destroyed) parser.end()
  } catch (cause) {
    parser.destroy(cause as Error)
  }
}

/** Until the parser takes more or is gone. */
function drained(parser: ReturnType<typeof parse>): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      parser.off('drain', done)
      parser.off('close', done)
      resolve()
    }
    if (parser.destroyed) return resolve()
    parser.on('drain', done)
    parser.on('close', done)
  })
}

/** The text of a file, piece by piece. @throws HydraError DATA_INVALID with the line that is not UTF-8 */
async function* decoded(path: string, onProgress: (bytes: number) => void): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let bytes = 0
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length
      yield decoder.decode(chunk, { stream: true })
      onProgress(bytes)
    }
    yield decoder.decode()
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    // Names the line; throws.
    textOf(await readBounded(path, MAX_FILE_BYTES), path)
    throw cause
  }
}

function asDataError(cause: unknown, path: string): unknown {
  if (!(cause instanceof CsvError)) return cause
  const { code, lines } = cause as CsvError & { lines?: number }
  const where = lines === undefined ? path : `${path}:${lines}`
  if (code === 'CSV_MAX_RECORD_SIZE') {
    return tooLarge(where, 'a row has more than a million characters', 'A double quote may be missing its partner.')
  }
  return dataError(where, 'a double quote has no partner, or stands in the middle of a cell', 'Correct the row.', cause)
}

/** The delimiter that the first line has most of, not counting what stands in quotes. */
function delimiterOf(head: Uint8Array): string {
  const counts = new Map(DELIMITERS.map(delimiter => [delimiter, 0]))
  let quoted = false
  for (const character of new TextDecoder().decode(head)) {
    if (character === '"') quoted = !quoted
    else if (character === '\n' && !quoted) break
    else if (!quoted && counts.has(character)) counts.set(character, counts.get(character)! + 1)
  }
  return DELIMITERS.reduce((best, delimiter) => (counts.get(delimiter)! > counts.get(best)! ? delimiter : best))
}

function checkHeader(header: readonly string[], where: string): void {
  if (header.length < 2) throw dataError(where, 'the header has one column only', 'Give inputs and a target.')
  header.forEach((name, i) => {
    if (name === '') throw dataError(where, `column ${i + 1} has no name`, 'The first row names the columns.')
    if (header.indexOf(name) !== i) throw dataError(where, `two columns are called "${name}"`, 'Rename one.')
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
      throw dataError(where, `the name of column ${i + 1} is longer than ${MAX_NAME_BYTES} bytes`, 'Shorten it.')
    }
  })
}
