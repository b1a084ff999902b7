/** From a folder or a file to a dataset: what it is follows from looking at it. */
import { extname } from 'node:path'
import { isFolder, readHead } from './files.ts'
import { hasIdx, importIdx, isGzip, isIdx } from './image/idx.ts'
import { importImageFolder } from './image/imageFolder.ts'
import { isImage } from './image/readImage.ts'
import { type DataFormat, dataError, type Imported, type ImportOptions } from './importer.ts'
import { importCsv } from './table/csv.ts'
import { importJsonLines, looksLikePairs } from './text/jsonLines.ts'
import { importText } from './text/plainText.ts'

const HEAD_BYTES = 4096
const ADVICE =
  'Give a folder of images (a subfolder for each class), IDX files, a .csv with --target, a text file, or JSON lines of {"q","a"}.'

const IMPORTERS: Readonly<Record<DataFormat, (path: string, options: ImportOptions) => Promise<Imported>>> = {
  'image-folder': importImageFolder,
  idx: importIdx,
  csv: importCsv,
  'json-lines': importJsonLines,
  text: importText,
}

/**
 * Reads, checks, normalises and splits what lies at `path`. The same files give the same bytes on every machine.
 * @throws HydraError DATA_INVALID, DATA_TOO_LARGE, DATA_TOO_FEW, OPTION_INVALID
 */
export async function importData(path: string, options: ImportOptions = {}): Promise<Imported> {
  return await IMPORTERS[await formatOf(path, options)](path, options)
}

/** What lies at `path`: by its kind, its first bytes, its extension, in this order. @throws HydraError DATA_INVALID */
export async function formatOf(path: string, options: Pick<ImportOptions, 'target'> = {}): Promise<DataFormat> {
  if (await isFolder(path)) return (await hasIdx(path)) ? 'idx' : 'image-folder'
  const head = await readHead(path, HEAD_BYTES)
  if (isImage(head)) throw dataError(path, 'it is a single image', ADVICE)
  if (isIdx(head)) return 'idx'
  const extension = extname(path).toLowerCase()
  if (isGzip(head)) {
    if (/idx\d/.test(path)) return 'idx'
    throw dataError(path, 'it is packed by gzip', 'Unpack it first; only IDX files may be packed.')
  }
  if (head.includes(0)) throw dataError(path, 'it is neither text nor images', ADVICE)
  if (extension === '.csv' || extension === '.tsv' || options.target !== undefined) return 'csv'
  const text = new TextDecoder().decode(head)
  if (extension === '.jsonl' || extension === '.ndjson' || looksLikePairs(text)) return 'json-lines'
  return 'text'
}
