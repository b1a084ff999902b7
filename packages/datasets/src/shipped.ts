import { fileURLToPath } from 'node:url'

/** Where the checkpoint, the tokenizer and the lineage of the language model lie that ships. */
export const SHIPPED_FOLDER = fileURLToPath(new URL('../data/hydra-gpt/', import.meta.url))
