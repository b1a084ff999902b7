import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf, keyPairFromSeed, utf8, ZERO_HASH } from '@hydraai/core'
import { type AskRequest, answerHash, type Receipt, requestHash, signReceipt } from '@hydraai/ledger'
import { ANSWER_FORMAT, AnswerBench, type AnswerFile } from '@hydraai/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shippedModel } from '../src/asking/shipped.ts'
import { readEngine } from '../src/engineFile.ts'
import { hydraNode, temporaryFolder } from './hydraNode.ts'

const home = temporaryFolder()
const env = { HYDRA_HOME: home.path }
/** Whatever else runs on this machine is not asked. */
const NOBODY = ['--user', 'nobody']
afterAll(() => home.remove())

const QUESTION = 'What is machine learning?'
const keys = keyPairFromSeed(new Uint8Array(32).fill(3))
const asker = keyPairFromSeed(new Uint8Array(32).fill(4)).address
let truth: AnswerFile

/** What a server that holds the shipped model would sign; `tamper` changes its tokens before. */
async function answerFile(
  tamper: (tokens: readonly number[]) => number[] = tokens => [...tokens],
): Promise<AnswerFile> {
  const held = await shippedModel()
  const bench = new AnswerBench(await readEngine())
  bench.load(held)
  const request: AskRequest = {
    ...{ chainId: 'hydra-0000abcd', model: held.model, asker, server: keys.address, nonce: hashOf(utf8('nonce')) },
    ...{ question: QUESTION, mode: 'answer', temperaturePpm: 0, topK: 0, topPPpm: 1_000_000 },
    ...{ seed: ZERO_HASH, maxTokens: 32 },
  }
  const steps = bench.answer({ ...request, ...held.ids })
  let step = steps.next(false)
  while (!step.done) step = steps.next(false)
  const tokens = tamper(step.value.tokens)
  const ended = step.value.ended
  const receipt: Receipt = {
    ...{ chainId: request.chainId, model: held.model, version: held.version, parameters: held.ids.parameters },
    ...{ asker, server: keys.address, request: requestHash(request) },
    ...{ answer: answerHash({ tokens, ended }), tokens: tokens.length },
  }
  return {
    format: ANSWER_FORMAT,
    ...{ request, receipt, signature: signReceipt(keys, receipt), serverKey: keys.publicKey, tokens, ended },
    ...{ text: step.value.text, document: held.ids.document, tokenizer: held.ids.tokenizer },
  }
}

async function verify(name: string, content: unknown, ...flags: string[]) {
  const file = join(home.path, name)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return hydraNode(['verify-answer', file, ...NOBODY, ...flags], env)
}

beforeAll(async () => {
  truth = await answerFile()
})

describe('a question', () => {
  test('with no node to ask is an error that points to --local', async () => {
    const { code, stdout, stderr } = await hydraNode(['--query', QUESTION, ...NOBODY], env)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('No node runs')
    expect(stderr).toContain('--local')
  })

  test('is answered here by --local: words on stdout alone, which version on stderr, the same each time', async () => {
    const { code, stdout, stderr } = await hydraNode(
      ['--query', QUESTION, '--local', '--max-tokens', '32', ...NOBODY],
      env,
    )
    expect(code).toBe(0)
    expect(stdout).toBe(`${truth.text}\n`)
    expect(stderr).toContain(`hydra-gpt, version ${truth.receipt.version}`)
    expect(stderr).toContain('came with the program')
    expect(stderr).toContain('nothing: answered here')
  })

  test('with --json is one object', async () => {
    const args = ['--query', QUESTION, '--local', '--json', '--temperature', '0.9', '--seed', '7', '--max-tokens', '3']
    const { code, stdout } = await hydraNode([...args, ...NOBODY], env)
    expect(code).toBe(0)
    const answer = JSON.parse(stdout)
    expect(answer).toMatchObject({ question: QUESTION, model: 'hydra-gpt', cost: '0', transaction: null, error: null })
    expect(answer.tokens).toBeLessThanOrEqual(3)
  })

  test.each([
    [['--local'], '--local says how a question is put'],
    [['--top-k', '5'], '--top-k says how a question is put'],
    [['--query', 'x', '--temperature', '11'], 'a temperature'],
    [['--query', 'x', '--top-p', '2'], 'a share'],
    [['--query', 'x', '--max-tokens', '0'], 'a number of tokens'],
    [['--query', 'x', '--local', '--save', 'f'], 'signed by nobody'],
    [['--query', '--local', '--json'], '--json belong to one question'],
    [['--query', 'x', 'verify-answer', 'f'], 'stands before verify-answer'],
  ])('with flags that cannot be is refused: %j', async (args, message) => {
    const { code, stderr } = await hydraNode(args, env)
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
})

describe('a session', () => {
  test('reads questions and commands line by line, and ends with its input', async () => {
    const lines = [QUESTION, '/model', '/save x', '/nonsense', '/model nothing', QUESTION]
    const { code, stdout, stderr } = await hydraNode(
      ['--query', '--local', '--max-tokens', '32'],
      env,
      lines.join('\n'),
    )
    expect(code).toBe(0)
    const said = stdout.split('\n')
    expect(said[0]).toBe(truth.text)
    expect(said[1]).toBe('  hydra-gpt')
    expect(stdout).toContain('There is no /nonsense.')
    expect(stderr).toContain('what --local says nobody signed')
    expect(stderr).toContain('No version of nothing is stored here.')
  })
})

describe('verify-answer', () => {
  test('finds a true answer true, by the model that came with the program', async () => {
    const { code, stdout } = await verify('true.json', truth)
    expect(stdout).toContain('True: the model says exactly this.')
    expect(code).toBe(0)
  })

  test('proves a lie, and names who told it', async () => {
    const lie = await answerFile(tokens => tokens.with(0, tokens[0] === 99 ? 100 : 99))
    const { code, stdout } = await verify('lie.json', lie, '--json')
    expect(code).toBe(1)
    const verdict = JSON.parse(stdout)
    expect(verdict).toMatchObject({ true: false, result: 'lie', server: keys.address, asker })
    expect(verdict.reasons[0]).toContain('token 1 is')
  })

  test('blames nobody for a file that was altered, in what was signed or beside it', async () => {
    const altered = { ...truth, request: { ...truth.request, question: 'What is a lie?' } }
    const first = await verify('altered.json', altered)
    expect(first.stdout).toContain('False: the file was altered')
    expect(first.code).toBe(1)
    // Another document would make the model say something else.
    const framed = await verify('framed.json', { ...truth, document: ZERO_HASH })
    expect(framed.stdout).toContain('another model document')
    expect(framed.code).toBe(1)
  })

  test('says when the version is nowhere to be had', async () => {
    const receipt = { ...truth.receipt, parameters: ZERO_HASH }
    const elsewhere = { ...truth, receipt, signature: signReceipt(keys, receipt) }
    const { code, stderr } = await verify('elsewhere.json', elsewhere)
    expect(stderr).toContain('is not here')
    expect(code).toBe(1)
  })

  test.each([
    ['nonsense.json', 'nonsense', 'not JSON'],
    ['odd.json', { format: ANSWER_FORMAT, tokens: [-1] }, 'no answer of a HydraAI node'],
  ])('takes no file that is no answer: %s', async (name, content, message) => {
    const { code, stderr } = await verify(name, content)
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
})
