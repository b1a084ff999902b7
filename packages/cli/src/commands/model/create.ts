import { formatAmount, HydraError, parseAmount } from '@hydraai/core'
import { type Imported, type ImportProgress, importData } from '@hydraai/datasets'
import { modelDocumentToBytes } from '@hydraai/engine'
import { rewardPpmOf, shareOf, unitOperations } from '@hydraai/ledger'
import { readEngine } from '../../engineFile.ts'
import { isInteractive } from '../../environment.ts'
import { ExitCode } from '../../exit.ts'
import { Terminal } from '../../output/terminal.ts'
import type { FoundNode } from '../../running/findNode.ts'
import type { NodeClient } from '../../running/nodeClient.ts'
import type { CreateFlags } from './flags.ts'
import { printJson } from './output.ts'
import { acceptedSchema, isFounded, type ModelDetails, modelSchema, statusSchema, walletSchema } from './shapes.ts'
import { type ModelTask, measureTask, type TrainingCost, taskFor } from './task.ts'
import { grouped, scoreText, secondsText, sizeText } from './words.ts'

/** What a chain takes as the name of a model. */
const NAME = /^(?=.{1,32}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/
const MOST_CLASSES_SHOWN = 24
const POLL_MS = 500
/** A few blocks to be registered and a few to be founded, of 10 s each. */
const FOUNDING_TIMEOUT_MS = 600_000

/** Data from a folder or a file becomes a model of the network: checked, shown, paid for, registered, founded. */
export async function createModel({ folder, client }: FoundNode, flags: CreateFlags): Promise<number> {
  const terminal = new Terminal()
  await checkName(client, flags.name)
  const parameters = (await folder.genesis())?.parameters
  const fee = parameters?.fees.model
  const imported = await importData(flags.data, { ...optionsOf(flags), onProgress: progressOn(terminal, flags) })
  const task = await taskFor(imported.dataset, flags.document)
  terminal.status('measuring a unit')
  const cost = measureTask(await readEngine(), imported.dataset, task)
  terminal.status('')
  const { balance } = await client.get('/api/wallet', walletSchema)
  const price = fee === undefined ? null : formatAmount(fee)
  const share = rewardPpmOf(unitOperations(task.document, task.recipe))
  const earns = parameters ? formatAmount(shareOf(parameters.rewards.unit, share)) : null
  if (flags.json) {
    const { recipe, from } = task
    printJson({
      event: 'prepared',
      name: flags.name,
      ...imported.report,
      document: from,
      recipe,
      ...cost,
      earns,
      price,
      balance,
    })
  } else tell(terminal, { imported, task, cost, earns, price, balance })
  if (fee !== undefined && parseAmount(balance) < fee) {
    throw new HydraError('BALANCE_TOO_LOW', `The model costs ${price} HYDRA and this node has ${balance}.`, {
      advice: 'Let the node train for a while: each unit that is accepted earns 1.0.',
    })
  }
  await confirm(flags, price)

  const { transaction, data } = await publish(client, flags, imported, task)
  if (flags.json) printJson({ event: 'sent', transaction, data })
  else terminal.fact('sent', `transaction ${transaction}`)
  const model = await founded(client, flags.name, terminal)
  if (flags.json)
    printJson({ event: 'registered', model: model.id, parameters: model.parameters, evaluation: model.evaluation })
  else {
    terminal.fact('ready', `${model.id}: ${scoreText(model)} before any training`)
    terminal.line(
      `Watch it: hydra_node model show ${model.id}. Train it alone: hydra_node model train --only ${model.id}.`,
    )
  }
  return ExitCode.ok
}

/** Before any work is done. @throws HydraError OPTION_INVALID, MODEL_EXISTS */
async function checkName(client: NodeClient, name: string): Promise<void> {
  if (!NAME.test(name)) {
    throw new HydraError('OPTION_INVALID', `"${name}" is no name for a model.`, {
      advice: 'Give 1 to 32 lower-case letters, digits and inner "-".',
    })
  }
  if ((await client.find(`/api/models/${name}`, modelSchema)) === undefined) return
  throw new HydraError('MODEL_EXISTS', `The network has a model "${name}" already.`, { advice: 'Give another --name.' })
}

function optionsOf({ target, size, fill, context, vocabulary }: CreateFlags) {
  return {
    ...(target !== undefined && { target }),
    ...(size !== undefined && { size }),
    ...(fill !== undefined && { fill }),
    ...(context !== undefined && { context }),
    ...(vocabulary !== undefined && { vocabulary }),
  }
}

function progressOn(terminal: Terminal, { json }: CreateFlags): (progress: ImportProgress) => void {
  return ({ what, done, total }) => {
    if (!json) terminal.status(total === 0 ? what : `${what}: ${Math.floor((100 * done) / total)} %`)
  }
}

/** What is known before anything is paid. */
function tell(
  terminal: Terminal,
  shown: {
    imported: Imported
    task: ModelTask
    cost: TrainingCost
    earns: string | null
    price: string | null
    balance: string
  },
): void {
  const { imported, task, cost, earns, price, balance } = shown
  const { kind, samples, trainCount, heldOut, bytes, classes, warnings } = imported.report
  const counts = `${grouped(trainCount)} to train on, ${grouped(heldOut)} held out`
  terminal.fact('data', `${kind}: ${grouped(samples)} samples (${counts}), ${sizeText(bytes)}`)
  if (classes.length > 0) terminal.fact('classes', classesText(classes))
  for (const warning of warnings) terminal.fact('note', warning)
  terminal.fact('model', `${task.from}: ${grouped(cost.parameters)} parameters, ${sizeText(cost.memoryBytes)} to train`)
  const { stepsPerUnit, batchSize } = task.recipe
  terminal.fact(
    'a unit',
    `${stepsPerUnit} steps of ${batchSize} samples, about ${secondsText(cost.unitMs)} of this machine`,
  )
  if (earns !== null) terminal.fact('earns', `${earns} HYDRA for each unit that is accepted`)
  terminal.fact('price', `${price ?? 'the network’s fee'} HYDRA, burnt; you have ${balance}`)
}

function classesText(classes: Imported['report']['classes']): string {
  const shown = classes.slice(0, MOST_CLASSES_SHOWN).map(({ name, count }) => `${name} ${grouped(count)}`)
  const more = classes.length - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** @throws HydraError DECLINED, CANCELLED, or OPTION_INVALID where nobody can be asked */
async function confirm({ yes, name }: CreateFlags, price: string | null): Promise<void> {
  if (yes) return
  if (!isInteractive()) {
    throw new HydraError(
      'OPTION_INVALID',
      `Registering ${name} costs ${price ?? 'a fee'} HYDRA and nobody can be asked.`,
      {
        advice: 'Add --yes to agree.',
      },
    )
  }
  const { askYesNo } = await import('../../prompts.ts')
  const agreed = await askYesNo(`Register ${name} for ${price ?? 'the fee of'} HYDRA?`, false)
  if (!agreed) throw new HydraError('DECLINED', 'Nothing was sent and nothing was paid.')
}

/** The data goes to the node, which serves it to the others; then the transaction. */
async function publish(client: NodeClient, { name }: CreateFlags, imported: Imported, { document, recipe }: ModelTask) {
  const data = await client.putContent(new Uint8Array(imported.encoded))
  const tokenizer = imported.tokenizer && (await client.putContent(new Uint8Array(imported.tokenizer)))
  const body = {
    id: name,
    document: Buffer.from(modelDocumentToBytes(document)).toString('base64'),
    data,
    tokenizer,
    recipe,
  }
  const { transaction } = await client.post('/api/models', body, acceptedSchema)
  return { transaction, data }
}

/** The model once the validators have drawn its first parameters and scored them. @throws HydraError MODEL_DROPPED, FOUNDING_SLOW */
async function founded(client: NodeClient, name: string, terminal: Terminal): Promise<ModelDetails> {
  const until = Date.now() + FOUNDING_TIMEOUT_MS
  let seen = false
  while (Date.now() < until) {
    const model = await client.find(`/api/models/${name}`, modelSchema)
    if (model !== undefined && isFounded(model)) {
      terminal.status('')
      return model
    }
    if (model === undefined && seen) {
      throw new HydraError('MODEL_DROPPED', `${name} was dropped: the validators did not found it in time.`, {
        advice: 'Keep this node running so that the others can fetch the data from it, and try again.',
      })
    }
    seen = model !== undefined
    const { chain } = await client.get('/api/status', statusSchema)
    terminal.status(
      `block ${chain.height}: ${seen ? 'the validators are founding the model' : 'waiting for the transaction'}`,
    )
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
  }
  throw new HydraError('FOUNDING_SLOW', `${name} is on its way, but was not founded within ten minutes.`, {
    advice: `hydra_node model show ${name} says how it stands.`,
  })
}
