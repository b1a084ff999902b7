import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex } from './bytes.ts'
import { entropyOf, phraseOf } from './phrase.ts'

// The 256-bit vectors of BIP-39's reference implementation.
const VECTORS = [
  ['00'.repeat(32), `${'abandon '.repeat(23)}art`],
  [
    '7f'.repeat(32),
    'legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title',
  ],
  [
    '80'.repeat(32),
    'letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless',
  ],
  ['ff'.repeat(32), `${'zoo '.repeat(23)}vote`],
  [
    '68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c',
    'hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length',
  ],
  [
    '9f6a2878b2520799a44ef18bc7df394e7061a224d2c33cd015b157d746869863',
    'panda eyebrow bullet gorilla call smoke muffin taste mesh discover soft ostrich alcohol speed nation flash devote level hobby quick inner drive ghost inside',
  ],
  [
    '066dca1a2bb7e8a1db2832148ce9933eea0f3ac9548d793112d9a95c9407efad',
    'all hour make first leader extend hole alien behind guard gospel lava path output census museum junior mass reopen famous sing advance salt reform',
  ],
  [
    'f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f',
    'void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol group space point ten exist slush involve unfold',
  ],
] as const

const refused = (message: RegExp) =>
  expect.objectContaining({ code: 'PHRASE_INVALID', message: expect.stringMatching(message) })

describe('recovery phrases', () => {
  it.each(VECTORS)('agree with BIP-39 for %s', (entropy, phrase) => {
    expect(phraseOf(fromHex(entropy))).toBe(phrase)
    expect(entropyOf(phrase)).toEqual(fromHex(entropy))
  })

  it('give back any entropy, however they are typed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), entropy => {
        const phrase = phraseOf(entropy)
        expect(entropyOf(phrase)).toEqual(entropy)
        expect(entropyOf(`  ${phrase.toUpperCase().replaceAll(' ', ' \n ')}\t`)).toEqual(entropy)
      }),
      { numRuns: 30 },
    )
  })

  it('name the word that is wrong and its place', () => {
    const words = VECTORS[4][1].split(' ')
    expect(() => entropyOf(words.with(6, 'privvate').join(' '))).toThrow(refused(/word 7, "privvate"/))
    expect(() => entropyOf(words.with(6, 'privvate').join(' '))).toThrow(
      expect.objectContaining({ advice: expect.stringContaining('private') }),
    )
  })

  it('say how many words are missing, and when only the checksum is wrong, without repeating the phrase', () => {
    const words = VECTORS[4][1].split(' ')
    expect(() => entropyOf(words.slice(1).join(' '))).toThrow(refused(/23 words; it must have 24/))
    expect(() => entropyOf('')).toThrow(refused(/0 words/))
    expect(() => entropyOf(words.toReversed().join(' '))).toThrow(refused(/checksum/))
    try {
      entropyOf(words.toReversed().join(' '))
    } catch (error) {
      expect(JSON.stringify(error) + (error as Error).message + String((error as Error).cause)).not.toContain('hamster')
    }
    expect(() => entropyOf('abandon '.repeat(100_000))).toThrow(refused(/words/))
  })

  it('need 32 bytes', () => {
    expect(() => phraseOf(new Uint8Array(16))).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }))
  })
})
