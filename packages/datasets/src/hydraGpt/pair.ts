/** A question and the answer that a model is to give. */
export interface Pair {
  readonly question: string
  readonly answer: string
}

const NOT_PART_OF_A_WORD = /[^a-z0-9+#]+/

/**
 * What two spellings of one question have in common: its words in lower case, without articles and punctuation. "What is a
 * ledger?" and "what is ledger" are one question.
 */
export function normalisedQuestion(question: string): string {
  return question
    .toLowerCase()
    .split(NOT_PART_OF_A_WORD)
    .filter(word => word !== '' && word !== 'a' && word !== 'an' && word !== 'the')
    .join(' ')
}
