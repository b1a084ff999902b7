import { taggedHash, utf8 } from '@hydraai/core'
import { describe, expect, it } from 'vitest'
import { ANSWER, answerFile, contents, ids, wasm } from '../../../test/answers.ts'
import { checkAnswer } from './checkAnswer.ts'
import type { Known, Progress } from './messages.ts'

const nothingKnown: Known = { document: null, tokenizer: null, parameters: null }

function check(
  file: unknown,
  known = nothingKnown,
  content: (id: string) => Uint8Array | undefined = id => contents.get(id),
) {
  const progress: Progress[] = []
  const verdict = checkAnswer(file, known, {
    wasm: async () => wasm,
    async content(id, onBytes) {
      const blob = content(id)
      if (blob === undefined) throw new Error(`no ${id}`)
      onBytes(blob.length)
      return blob
    },
    onProgress: step => progress.push(step),
  })
  return { verdict, progress }
}

describe('an answer that is checked', () => {
  it('is the same when the server told the truth, and the check says how far it is', async () => {
    const file = answerFile()
    expect(file.text).toBe(ANSWER)
    const { verdict, progress } = check(file, { ...ids })
    expect(await verdict).toEqual({ result: 'same', reasons: [], tokens: file.tokens.length, onChain: true })
    expect(progress.at(-1)).toEqual({ stage: 'running', done: file.tokens.length, total: file.tokens.length })
    expect(await check(file).verdict).toMatchObject({ result: 'same', onChain: false })
  })

  it('is the same when it was drawn by chance, since the seed is signed with it', async () => {
    const drawn = { temperaturePpm: 2_000_000, topK: 40, topPPpm: 950_000, maxTokens: 20 }
    const one = answerFile({ ...drawn, seed: taggedHash('test', utf8('1')) })
    const other = answerFile({ ...drawn, seed: taggedHash('test', utf8('2')) })
    expect(one.tokens).not.toEqual(other.tokens)
    expect(await check(one).verdict).toMatchObject({ result: 'same' })
    expect(await check(other).verdict).toMatchObject({ result: 'same' })
  })

  it('is a lie when the server signed other tokens than the model gives, fewer or more', async () => {
    const other = answerFile({ tamper: tokens => tokens.with(2, 77) })
    expect(await check(other).verdict).toEqual({
      result: 'lie',
      reasons: [`from token 3 of ${other.tokens.length} on, the model says something else`],
    })
    const shorter = answerFile({ tamper: tokens => tokens.slice(0, 4) })
    expect((await check(shorter).verdict).reasons).toEqual(['the answer ends after 4 tokens, and the model goes on'])
    const longer = answerFile({ tamper: tokens => [...tokens, 77] })
    expect((await check(longer).verdict).reasons[0]).toMatch(/the model ends after/)
  })

  it('is a lie when other parameters answered than those that the chain names for the version', async () => {
    const verdict = await check(answerFile(), { ...nothingKnown, parameters: ids.tokenizer }).verdict
    expect(verdict).toEqual({ result: 'lie', reasons: ['the chain names other parameters for version 3'] })
  })

  it('proves nothing when it was changed after it was signed, in any part', async () => {
    const file = answerFile()
    const { request, receipt } = file
    const changed = [
      { ...file, tokens: file.tokens.with(0, 99) },
      { ...file, request: { ...request, question: 'What is a lion?' } },
      { ...file, request: { ...request, seed: ids.document } },
      { ...file, receipt: { ...receipt, version: 4 } },
      { ...file, serverKey: ids.document },
      { ...file, signature: file.signature.replace(/^../, '00') },
    ]
    for (const one of changed) expect((await check(one).verdict).result).toBe('altered')
  })

  it('is misquoted when only the text beside the signed tokens is wrong', async () => {
    expect((await check({ ...answerFile(), text: 'A hydra is a lion.' }).verdict).result).toBe('misquoted')
  })

  it('is not judged with bytes that are not what their name says, nor when it cannot be read', async () => {
    const wrong = check(answerFile(), nothingKnown, id => contents.get(id === ids.parameters ? ids.document : id))
    await expect(wrong.verdict).rejects.toMatchObject({ code: 'CONTENT_DAMAGED' })
    await expect(check({ ...answerFile(), tokens: ['x'] }).verdict).rejects.toThrow(/number/)
    await expect(
      check({ ...answerFile(), receipt: { ...answerFile().receipt, parameters: 'x' } }).verdict,
    ).rejects.toThrow()
  })
})
