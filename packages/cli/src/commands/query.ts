import { HydraError } from '@hydraai/core'
import type { Answers } from '../asking/answers.ts'
import { askingFolder, type FolderChoice, modelFolder } from '../asking/folders.ts'
import { LocalAnswers } from '../asking/localAnswers.ts'
import { NodeAnswers } from '../asking/nodeAnswers.ts'
import { oneAnswer } from '../asking/oneAnswer.ts'
import { type QueryFlags, samplingOf } from '../asking/queryOptions.ts'
import { checkSaveTarget } from '../asking/saveAnswer.ts'
import { session } from '../asking/session.ts'
import { dataDirOf } from '../options/nodeOptions.ts'

/** `hydra_node --query`: one answer, or a session. Answers the exit code. */
export async function query(flags: QueryFlags & FolderChoice & { json?: true }): Promise<number> {
  const open = async (local: boolean): Promise<Answers> =>
    local ? new LocalAnswers(await modelFolder(flags)) : NodeAnswers.open(await askingFolder(flags))
  const { query: question, save, local = false, json = false } = flags
  if (save !== undefined && local)
    throw new HydraError('OPTION_INVALID', 'What --local says is signed by nobody, so there is nothing to --save.')
  if (question !== true && question !== undefined) {
    if (save !== undefined) await checkSaveTarget(save)
    return oneAnswer({ answers: await open(local), question: { ...samplingOf(flags), question }, save, json })
  }
  if (save !== undefined || json)
    throw new HydraError('OPTION_INVALID', '--save and --json belong to one question: --query "What is …?"', {
      advice: 'In a session /save FILE keeps the last answer.',
    })
  return session({ open, local, sampling: samplingOf(flags), historyFolder: dataDirOf(flags) })
}
