import { type Codec, encode, hashOf, utf8 } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tokenizerOf } from './tokenizer.ts'
import { tokenizerOfBytes, tokenizerToBytes } from './tokenizerCodec.ts'
import { TokenStream } from './tokenStream.ts'
import { ANSWER_TOKEN, END_TOKEN, FIRST_MERGE_TOKEN } from './tokens.ts'
import { trainTokenizer } from './train.ts'
import { forEachWord, MAX_WORD_UNITS } from './words.ts'

const TEXTS = [
  'What is machine learning? Machine learning is the study of programs that get better with data.',
  "What is a network? A network is a set of machines that talk to one another, and don't wait: 12, 120, 1200.",
  'Ein Netz läuft über Kabel.\n\n  Was ist ein Schlüssel? Ein Schlüssel öffnet; 鍵は開ける。😀😀😀',
]
const TRAINED = trainTokenizer(TEXTS, 300)

/** Text with much of what is in the training texts, and with halves of characters. */
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({
    unit: fc.constantFrom(..."machine learning 12?!'\n\t äöü鍵", '\ud83d', '\ude00', '😀', '\ufeff'),
    maxLength: 80,
  }),
)
const wellFormed = (text: string): string => text.toWellFormed()
const wordsOf = (text: string): string[] => {
  const words: string[] = []
  forEachWord(text, word => words.push(word))
  return words
}

/** Any value as it is, so that wrong ones can be written. */
const anything: Codec<unknown> = { toWire: value => value, fromWire: wire => wire }

/** Training by the definition alone: all pairs counted anew for each merge. */
function plainMerges(all: readonly string[], vocabulary: number): [number, number][] {
  const words = all.flatMap(wordsOf).map(word => Array.from(utf8(word), byte => byte + 2))
  const merges: [number, number][] = []
  while (FIRST_MERGE_TOKEN + merges.length < vocabulary) {
    const counts = new Map<string, { pair: [number, number]; count: number }>()
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        const pair: [number, number] = [word[i]!, word[i + 1]!]
        const entry = counts.get(`${pair}`) ?? { pair, count: 0 }
        entry.count++
        counts.set(`${pair}`, entry)
      }
    }
    const [best] = [...counts.values()].sort(
      (a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1],
    )
    if (best === undefined || best.count < 2) break
    const token = FIRST_MERGE_TOKEN + merges.length
    merges.push(best.pair)
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        if (word[i] === best.pair[0] && word[i + 1] === best.pair[1]) word.splice(i, 2, token)
      }
    }
  }
  return merges
}

describe('words', () => {
  test('take a space or an apostrophe before them along, and are runs of one kind', () => {
    expect(wordsOf("What's 12 or  12a?\n\n Über  ")).toEqual([
      ...['What', "'s", ' 12', ' or', ' ', ' 12', 'a', '?', '\n\n', ' Über', '  '],
    ])
  })

  test('joined are the text, and are bounded; no cut falls into a character', () => {
    fc.assert(
      fc.property(fc.oneof(texts, fc.string({ unit: fc.constantFrom('😀', 'a'), maxLength: 300 })), text => {
        const words = wordsOf(text)
        expect(words.join('')).toBe(text)
        for (const word of words) {
          expect(word.length).toBeGreaterThan(0)
          expect(word.length).toBeLessThanOrEqual(MAX_WORD_UNITS + 1)
          if (text.isWellFormed()) expect(word.isWellFormed()).toBe(true)
        }
      }),
    )
  })
})

describe('training', () => {
  test('finds the merges that the definition gives', () => {
    expect(TRAINED.merges).toEqual(plainMerges(TEXTS, 300))
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'c'), maxLength: 60 }), { maxLength: 5 }),
        all => {
          expect(trainTokenizer(all, 300).merges).toEqual(plainMerges(all, 300))
        },
      ),
    )
  })

  test('gives the same tokenizer on every machine', () => {
    expect(hashOf(tokenizerToBytes(TRAINED))).toBe('89dd87fc4b65ae0c7d31b7331b592ad68cda987304bf658c296ab610c63926f3')
    expect(hashOf(tokenizerToBytes(trainTokenizer(TEXTS.toReversed(), 300)))).toBe(
      '89dd87fc4b65ae0c7d31b7331b592ad68cda987304bf658c296ab610c63926f3',
    )
  })

  test('ends where no pair stands twice', () => {
    expect(trainTokenizer(['abcd'], 1000).vocabulary).toBe(258)
    expect(trainTokenizer([], 1000).vocabulary).toBe(258)
  })

  test.each([257, 65_537, 300.5, Number.NaN])('refuses a vocabulary of %d', vocabulary => {
    expect(() => trainTokenizer([], vocabulary)).toThrow(expect.objectContaining({ code: 'RANGE_INVALID' }))
  })
})

describe('encoding', () => {
  test('and decoding give the text back, halves of characters as U+FFFD', () => {
    fc.assert(
      fc.property(texts, text => {
        const tokens = TRAINED.encode(text)
        expect(TRAINED.decode(tokens)).toBe(wellFormed(text))
        for (const token of tokens) expect(token).toBeGreaterThan(ANSWER_TOKEN)
      }),
    )
  })

  test('uses the merges: what the tokenizer was trained on gets short', () => {
    const bytes = utf8(TEXTS[0]!).length
    expect(TRAINED.encode(TEXTS[0]!).length).toBeLessThan(0.6 * bytes)
    expect([...tokenizerOf([]).encode('aé')]).toEqual([0x61 + 2, 0xc3 + 2, 0xa9 + 2])
    expect([
      ...tokenizerOf([
        [99, 99],
        [258, 99],
      ]).encode('aaaaa'),
    ]).toEqual([258, 259])
  })

  test('of a long run of one letter is no work of its square', () => {
    expect(TRAINED.decode(TRAINED.encode('a'.repeat(1_000_000)))).toHaveLength(1_000_000)
  })
})

describe('decoding', () => {
  test('the special tokens are no text', () => {
    expect(TRAINED.decode([END_TOKEN, 0x61 + 2, ANSWER_TOKEN, 0x62 + 2, END_TOKEN])).toBe('ab')
    expect(TRAINED.bytesOf(END_TOKEN)).toHaveLength(0)
    expect(TRAINED.bytesOf(ANSWER_TOKEN)).toHaveLength(0)
  })

  test('bytes that are no UTF-8 become U+FFFD', () => {
    expect(TRAINED.decode([0xff + 2, 0x61 + 2, 0xc3 + 2])).toBe('\ufffda\ufffd')
  })

  test.each([-1, 300, 1.5, Number.NaN])('refuses token %d', token => {
    const code = expect.objectContaining({ code: 'TOKEN_INVALID' })
    expect(() => TRAINED.decode([token])).toThrow(code)
    expect(() => TRAINED.bytesOf(token)).toThrow(code)
    expect(() => new TokenStream(TRAINED).push(token)).toThrow(code)
  })

  test('token by token gives the same text, and no part of it ends within a character', () => {
    const tokens = fc.array(fc.nat({ max: 299 }), { maxLength: 40 })
    fc.assert(
      fc.property(
        fc.oneof(
          tokens,
          texts.map(text => [...TRAINED.encode(text)]),
        ),
        tokens => {
          const stream = new TokenStream(TRAINED)
          const parts = [...tokens.map(token => stream.push(token)), stream.end()]
          expect(parts.join('')).toBe(TRAINED.decode(tokens))
          for (const part of parts) expect(part.isWellFormed()).toBe(true)
        },
      ),
    )
    const stream = new TokenStream(tokenizerOf([]))
    expect([...utf8('é!')].map(byte => stream.push(byte + 2))).toEqual(['', 'é', '!'])
  })
})

describe('the encoding of a tokenizer', () => {
  test('gives it back', () => {
    const bytes = tokenizerToBytes(TRAINED)
    const again = tokenizerOfBytes(bytes)
    expect(again.vocabulary).toBe(300)
    expect(again.merges).toEqual(TRAINED.merges)
    expect(tokenizerToBytes(again)).toEqual(bytes)
  })

  const file = (merges: unknown): Uint8Array => encode(anything, { format: 'hydra-bpe/1', merges })
  const doubling = Array.from({ length: 9 }, (_, i): [number, number] => (i === 0 ? [99, 99] : [257 + i, 257 + i]))
  test.each([
    ['one token', file([[99]]), 'CODEC_INVALID'],
    ['three tokens', file([[99, 99, 99]]), 'CODEC_INVALID'],
    ['a special token', file([[99, 0]]), 'CODEC_INVALID'],
    ['a token that is not there yet', file([[99, 258]]), 'TOKENIZER_INVALID'],
    [
      'a pair twice',
      file([
        [99, 98],
        [99, 98],
      ]),
      'TOKENIZER_INVALID',
    ],
    ['a token that is too long', file(doubling), 'TOKENIZER_INVALID'],
    ['too many merges', file(Array.from({ length: 65_279 }, () => [2, 2])), 'CODEC_INVALID'],
    ['another format', encode(anything, { format: 'hydra-bpe/2', merges: [] }), 'CODEC_INVALID'],
    ['no merges', encode(anything, { format: 'hydra-bpe/1' }), 'CODEC_INVALID'],
    ['too many bytes', new Uint8Array(600_000), 'CODEC_INVALID'],
  ])('with %s is refused', (_, bytes, code) => {
    expect(() => tokenizerOfBytes(bytes)).toThrow(expect.objectContaining({ code }))
  })

  test('of any bytes is a tokenizer or refused', () => {
    const valid = tokenizerToBytes(TRAINED)
    const changed = fc
      .tuple(fc.nat({ max: valid.length - 1 }), fc.nat({ max: 255 }))
      .map(([at, byte]) => valid.with(at, byte))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), changed), bytes => {
        try {
          expect(tokenizerToBytes(tokenizerOfBytes(bytes))).toEqual(bytes)
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^(CODEC|TOKENIZER)_INVALID$/)
        }
      }),
    )
  })
})
