/** Ends an answer; also fills inputs that are shorter than the context. */
export const END_TOKEN = 0
/** Stands between a question and its answer. */
export const ANSWER_TOKEN = 1
/** Tokens 2 to 257 are the bytes 0 to 255; no text gives the two before them. */
export const FIRST_BYTE_TOKEN = 2
/** Tokens 258 and on are merges, in the order in which they were found. */
export const FIRST_MERGE_TOKEN = 258
/** Largest vocabulary: a token stands in two bytes. */
export const MAX_VOCABULARY = 65_536
