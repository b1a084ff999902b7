import type { Tokenizer } from './tokenizer.ts'

/** The text of tokens as they come. A character whose bytes are spread over tokens comes with the last of them. */
export class TokenStream {
  readonly #tokenizer: Tokenizer
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer
  }

  /** The text that is whole with this token; may be empty. @throws HydraError TOKEN_INVALID */
  push(token: number): string {
    return this.#decoder.decode(this.#tokenizer.bytesOf(token), { stream: true })
  }

  /** U+FFFD where the bytes broke off in a character, else nothing. All texts joined are what `decode` of all tokens gives. */
  end(): string {
    return this.#decoder.decode()
  }
}
