import { type Hash, HydraError } from '@hydraai/core'
import {
  AnswerBench,
  type AnswerFile,
  type AnswerVerdict,
  judgeAnswer,
  MAX_ANSWER_FILE_BYTES,
  parseAnswerFile,
  type Rerun,
} from '@hydraai/node'
import pc from 'picocolors'
import { type ContentSource, sourceIn } from '../asking/contentSource.ts'
import type { VerifyAnswerFlags } from '../asking/flags.ts'
import { modelFolder } from '../asking/folders.ts'
import { printable } from '../asking/printable.ts'
import { shippedModel } from '../asking/shipped.ts'
import type { HeldModel, NamedModel } from '../asking/textModel.ts'
import { readEngine } from '../engineFile.ts'
import { ExitCode } from '../exit.ts'
import { readSmallFile } from '../files.ts'

/** Runs an answer again and says whether its server told the truth. Answers the exit code: 0 true, 1 false, 2 no such file. */
export async function verifyAnswer(file: string, flags: VerifyAnswerFlags): Promise<number> {
  const answer = await readAnswer(file)
  const source = await sourceIn(await modelFolder(flags))
  try {
    const shipped = await shippedModel().catch(() => null)
    const { known, parts } = await contentFor(answer, source, shipped)
    const verdict = await judgeAnswer(answer, known, () => rerun(answer, parts))
    if (flags.json) process.stdout.write(`${JSON.stringify({ file, ...summaryOf(answer, verdict) })}\n`)
    else tell(answer, verdict)
    return verdict.result === 'true' ? ExitCode.ok : ExitCode.failed
  } finally {
    await source?.close()
  }
}

async function readAnswer(file: string): Promise<AnswerFile> {
  const text = await readBounded(file)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new HydraError('ANSWER_FILE_INVALID', `${file} is not JSON.`, { cause })
  }
  return parseAnswerFile(value)
}

async function readBounded(path: string): Promise<string> {
  const invalid = (why: string, cause?: unknown) =>
    new HydraError('ANSWER_FILE_INVALID', `${path} is no answer: ${why}.`, { cause })
  const text = await readSmallFile(path).catch(error => {
    throw invalid(error instanceof Error ? error.message.replace(/\.$/, '') : String(error), error)
  })
  if (text.length > MAX_ANSWER_FILE_BYTES) throw invalid(`it has ${text.length} characters`)
  return text
}

interface Parts {
  readonly document: () => Promise<Uint8Array>
  readonly tokenizer: () => Promise<Uint8Array>
  readonly parameters: () => Promise<Uint8Array>
}

/** What the answer is run with, from the chain that it names or from the release. */
async function contentFor(
  { receipt, document, tokenizer }: AnswerFile,
  source: ContentSource | undefined,
  shipped: HeldModel | null,
): Promise<{ known: NamedModel | null; parts: Parts }> {
  const follows = source !== undefined && source.chainId === receipt.chainId
  const onChain = follows ? (await source.models()).find(({ model }) => model === receipt.model) : undefined
  const own = shipped?.model === receipt.model ? shipped : null
  // The shipped model stands in for its chain only where it is the very one.
  const released =
    own && own.ids.parameters === receipt.parameters ? { ...own.ids, model: own.model, version: own.version } : null
  const known = onChain ?? released
  const find =
    (what: string, id: Hash, inRelease: Uint8Array | undefined, idInRelease: Hash | undefined) => async () => {
      const stored = idInRelease === id ? inRelease : await source?.content(id)
      if (stored) return stored
      throw new HydraError(
        'CONTENT_UNAVAILABLE',
        `The ${what} of ${receipt.model} version ${receipt.version} is not here.`,
        {
          advice: known
            ? 'Nodes keep a version for a while only. Check answers soon, on a node that runs.'
            : `Check the file where a node of the chain ${receipt.chainId} runs; name its folder with --data-dir.`,
        },
      )
    }
  return {
    known,
    parts: {
      document: find('document', document, own?.document, own?.ids.document),
      tokenizer: find('tokenizer', tokenizer, own?.tokenizer, own?.ids.tokenizer),
      parameters: find('checkpoint', receipt.parameters, own?.parameters, own?.ids.parameters),
    },
  }
}

async function rerun(answer: AnswerFile, parts: Parts): Promise<Rerun> {
  const [document, tokenizer, parameters] = await Promise.all([parts.document(), parts.tokenizer(), parts.parameters()])
  const ids = { document: answer.document, tokenizer: answer.tokenizer, parameters: answer.receipt.parameters }
  const bench = new AnswerBench(await readEngine())
  bench.load({ ids, document, tokenizer, parameters })
  const steps = bench.answer({ ...answer.request, ...ids })
  for (;;) {
    const step = steps.next(false)
    if (step.done) return step.value
  }
}

const HEADLINES: Readonly<Record<AnswerVerdict['result'], string>> = {
  true: 'True: the model says exactly this.',
  altered: 'False: the file was altered, so it proves nothing about the server.',
  lie: 'False: the server signed an answer that the model does not give. This file is the proof.',
  misquoted: 'False: the signed answer is true, but the text beside it is not what it says.',
}

function tell({ request, receipt }: AnswerFile, { result, reasons }: AnswerVerdict): void {
  const c = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported)
  const line = (text: string) => process.stdout.write(`${text}\n`)
  line(result === 'true' ? c.green(HEADLINES[result]) : c.red(HEADLINES[result]))
  for (const reason of reasons) line(`  ${c.dim('because'.padEnd(9))} ${reason}`)
  const fact = (name: string, value: string) => line(`  ${c.dim(name.padEnd(9))} ${value}`)
  fact('question', printable(request.question).replace(/\s+/g, ' ').slice(0, 200))
  fact('model', printable(`${receipt.model}, version ${receipt.version}, of ${receipt.chainId}`))
  fact(result === 'lie' ? 'at fault' : 'server', receipt.server)
  fact('asker', receipt.asker)
  fact('receipt', receipt.request)
}

function summaryOf({ receipt }: AnswerFile, { result, reasons }: AnswerVerdict): Record<string, unknown> {
  const { chainId, model, version, server, asker, request } = receipt
  return { true: result === 'true', result, reasons, chainId, model, version, server, asker, receipt: request }
}
