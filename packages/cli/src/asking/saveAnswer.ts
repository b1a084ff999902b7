import { resolve } from 'node:path'
import { HydraError } from '@hydraai/core'
import { refuseTaken, writeNewFile } from '../files.ts'
import type { AnswerOutcome } from './outcome.ts'

const PUBLIC = 0o644

/** Before a question is paid for: whether its answer could be kept there. @throws HydraError when the file is taken */
export function checkSaveTarget(file: string): Promise<void> {
  return refuseTaken(resolve(file))
}

/** Writes the file that `verify-answer` takes. The path it was written to. */
export async function saveAnswer(file: string, { end }: AnswerOutcome): Promise<string> {
  if (end?.type !== 'end')
    throw new HydraError(
      'ANSWER_UNSIGNED',
      'Only answers of the network can be saved: what --local says nobody signed.',
    )
  const path = resolve(file)
  await writeNewFile(path, PUBLIC, target => target.writeFile(`${JSON.stringify(end.answer, null, 2)}\n`))
  return path
}
