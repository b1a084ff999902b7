import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { HydraError } from './errors.ts'

/** Bytes of entropy behind a wallet: 24 words. */
export const ENTROPY_BYTES = 32
const WORDS = 24
const known = new Set(wordlist)

function invalid(problem: string, advice: string, details = {}): HydraError<'PHRASE_INVALID'> {
  return new HydraError('PHRASE_INVALID', problem, { advice, details })
}

/** Up to five words of the list that share the longest beginning with `word`. */
function wordsLike(word: string): string[] {
  for (let length = 4; length > 1; length--) {
    const near = wordlist.filter(candidate => candidate.startsWith(word.slice(0, length)))
    if (near.length > 0) return near.slice(0, 5)
  }
  return []
}

/** The recovery phrase of 32 bytes of entropy: 24 English words (BIP-39). @throws HydraError KEY_INVALID */
export function phraseOf(entropy: Uint8Array): string {
  if (entropy.length !== ENTROPY_BYTES) {
    throw new HydraError('KEY_INVALID', `a wallet has ${ENTROPY_BYTES} bytes of entropy, not ${entropy.length}`)
  }
  return entropyToMnemonic(entropy, wordlist)
}

/**
 * The entropy of a phrase as a person typed it: letter case and the width of spaces do not matter.
 * @throws HydraError PHRASE_INVALID naming the first word that is not in the list
 */
export function entropyOf(phrase: string): Uint8Array {
  const words = phrase
    .slice(0, 1000)
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '')
  const unknown = words.findIndex(word => !known.has(word))
  if (unknown >= 0) {
    const word = words[unknown]!.slice(0, 20)
    const near = wordsLike(word)
    throw invalid(
      `word ${unknown + 1}, ${JSON.stringify(word)}, is not a word of a recovery phrase`,
      near.length === 0 ? 'Check its spelling.' : `Check its spelling; words that begin alike: ${near.join(', ')}.`,
      { position: unknown + 1 },
    )
  }
  if (words.length !== WORDS) {
    throw invalid(`the phrase has ${words.length} words; it must have ${WORDS}`, 'Type all words, in their order.')
  }
  try {
    return mnemonicToEntropy(words.join(' '), wordlist)
  } catch {
    // The library's error is not passed on as a cause: it may quote the phrase.
    throw invalid(
      'every word is known, but together they are not a recovery phrase: their checksum is wrong',
      'One word is another word of the list, or two have changed places. Compare with what you wrote down.',
    )
  }
}
