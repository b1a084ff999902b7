/**
 * Longest word, in UTF-16 units: what a merge can span, and what bounds the work of encoding a word.
 * One more where the limit would fall into the middle of a character.
 */
export const MAX_WORD_UNITS = 64

const SPACE = 0x20
const APOSTROPHE = 0x27

const BLANK = 0
const DIGIT = 1
const LETTER = 2
const MARK = 3

/** By ASCII alone: what Unicode calls a letter changes with its version. All beyond ASCII counts as letters. */
function kindOf(unit: number): number {
  if (unit >= 0x80) return LETTER
  if (unit <= SPACE || unit === 0x7f) return BLANK
  if (unit >= 0x30 && unit <= 0x39) return DIGIT
  const lower = unit | 0x20
  return lower >= 0x61 && lower <= 0x7a ? LETTER : MARK
}

/**
 * Gives the words of a text one after another; joined they are the text. A word is a run of letters, of digits, of marks or of
 * blanks. A word takes one space before it along, and a run of letters an apostrophe ("don", "'t").
 */
export function forEachWord(text: string, visit: (word: string) => void): void {
  let start = 0
  while (start < text.length) {
    const end = endOfWord(text, start)
    visit(text.slice(start, end))
    start = end
  }
}

function endOfWord(text: string, start: number): number {
  const first = text.charCodeAt(start)
  let kind = kindOf(first)
  let end = start + 1
  if (end < text.length) {
    const next = kindOf(text.charCodeAt(end))
    if ((first === SPACE && next !== BLANK) || (first === APOSTROPHE && next === LETTER)) kind = next
  }
  const limit = Math.min(text.length, start + MAX_WORD_UNITS)
  while (end < limit && kindOf(text.charCodeAt(end)) === kind) end++
  if (end === text.length) return end
  // The last of several blanks goes with the word behind it.
  if (
    kind === BLANK &&
    end - start > 1 &&
    text.charCodeAt(end - 1) === SPACE &&
    kindOf(text.charCodeAt(end)) !== BLANK
  ) {
    return end - 1
  }
  return isPair(text, end) ? end + 1 : end
}

/** Whether a cut at `at` would part the two halves of a character beyond U+FFFF. */
function isPair(text: string, at: number): boolean {
  return (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(at) & 0xfc00) === 0xdc00
}
