import { randomInt } from 'node:crypto'
import { entropyOf, HydraError } from '@hydraai/core'
import { isInteractive, passwordFromEnvironment } from '../environment.ts'
import { askText, showNote } from '../prompts.ts'

const COLUMNS = 4
const ASKED_WORDS = 3
/** 24 of the longest words with room for spaces. */
const MAX_PHRASE_CHARACTERS = 1_000

/**
 * Shows the phrase on the terminal and has the person give back three of its words: whoever did not write it down loses
 * everything with one file.
 */
export async function backUpPhrase(phrase: string): Promise<void> {
  showNote(phraseTable(phrase), 'Your recovery phrase')
  const words = phrase.split(' ')
  process.stderr.write(
    'Write these 24 words on paper, in this order. They are shown this once, and they alone bring the wallet back.\n',
  )
  for (const index of distinctIndices(ASKED_WORDS, words.length))
    await askText(`From your paper: word ${index + 1}`, answer =>
      answer.trim().toLowerCase() === words[index] ? undefined : `Word ${index + 1} is another one. Look again.`,
    )
}

/** The words in numbered columns, read from left to right. */
export function phraseTable(phrase: string): string {
  const cells = phrase.split(' ').map((word, i) => `${String(i + 1).padStart(2)} ${word.padEnd(8)}`)
  const rows = []
  for (let i = 0; i < cells.length; i += COLUMNS)
    rows.push(
      cells
        .slice(i, i + COLUMNS)
        .join('  ')
        .trimEnd(),
    )
  return rows.join('\n')
}

function distinctIndices(count: number, of: number): number[] {
  const chosen = new Set<number>()
  while (chosen.size < count) chosen.add(randomInt(of))
  return [...chosen].sort((a, b) => a - b)
}

/** The entropy behind 24 words that a person types or a program pipes in. Throws PHRASE_INVALID, PHRASE_NEEDED. */
export async function askForPhrase(): Promise<Uint8Array> {
  if (!process.stdin.isTTY) return entropyOf(await readStandardInput())
  if (!isInteractive())
    throw new HydraError('PHRASE_NEEDED', 'The 24 words are needed.', {
      advice: 'Pipe them in, or run it on a terminal.',
    })
  return entropyOf(await askText('Your 24 words, with spaces between them', problemOf))
}

function problemOf(phrase: string): string | undefined {
  try {
    entropyOf(phrase).fill(0)
    return undefined
  } catch (error) {
    if (!(error instanceof HydraError)) throw error
    return error.advice ? `${error.message}. ${error.advice}` : error.message
  }
}

async function readStandardInput(): Promise<string> {
  let text = ''
  process.stdin.setEncoding('utf8')
  for await (const part of process.stdin) {
    text += part
    if (text.length > MAX_PHRASE_CHARACTERS) break
  }
  if (text.trim() === '')
    throw new HydraError('PHRASE_NEEDED', 'The 24 words are needed, and nothing came on standard input.', {
      advice: 'Pipe them in, or run it on a terminal.',
    })
  return text
}

/** Whether a person can be made to prove that the words were written down. */
export function canAskForWords(): boolean {
  return isInteractive() && passwordFromEnvironment() === undefined
}
