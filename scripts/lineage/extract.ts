// What a chain says of how one of its models was trained, as a lineage file.
//
//     node scripts/lineage/extract.ts CHAIN_FILE MODEL OUT [--after LINEAGE]
//
// CHAIN_FILE is what `hydra_node --export-chain` writes. Every block is applied and checked on the way. With --after, the chain
// began from the checkpoint of that lineage and becomes its next stage.
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { decode, type Hash, HydraError } from '@hydraai/core'
import { applyBlock, blockCodec, type Genesis, genesisHash, genesisState, type LedgerState } from '@hydraai/ledger'
import { readChainFile } from '../../packages/cli/src/chainFile/readChainFile.ts'
import { type Lineage, type LineageRound, readLineage, type Stage } from './lineage.ts'

const { positionals, values } = parseArgs({ allowPositionals: true, options: { after: { type: 'string' } } })
const [chainFile, model, out] = positionals
if (!chainFile || !model || !out) {
  console.error('usage: node scripts/lineage/extract.ts CHAIN_FILE MODEL OUT [--after LINEAGE]')
  process.exit(2)
}
const lineage = await extract(chainFile, model, values.after)
await writeFile(out, text(lineage))
console.log(`${out}: ${lineage.stages.map(({ rounds }) => rounds.length).join(' + ')} rounds`)

async function extract(file: string, id: string, after: string | undefined): Promise<Lineage> {
  const source = await readChainFile(file)
  try {
    const { genesis } = source
    const subject = genesis.models.find(model => model.id === id)
    if (!subject?.tokenizer) throw new HydraError('LINEAGE_INVALID', `The genesis has no language model ${id}.`)
    if (subject.recipe.compression.type !== 'int8') {
      throw new HydraError('LINEAGE_INVALID', `The updates of ${id} take up what earlier ones left over.`, {
        advice: 'A lineage tells only of models whose updates are whole, compressed by int8.',
      })
    }
    const rounds: LineageRound[] = []
    let state = genesisState(genesis)
    for await (const { block } of source.blocks()) {
      const decoded = decode(blockCodec, block, { maxBytes: block.length })
      for (const result of decoded.results) {
        if (result.type !== 'model' || result.model !== id) continue
        const from = rounds.at(-1)?.parameters ?? subject.parameters
        const { parameters, evaluation } = result
        rounds.push({ ...acceptedIn(state, id, from), parameters, evaluation })
      }
      state = applyBlock(state, decoded).state
    }
    const { document, data, tokenizer, parameters, recipe } = subject
    const stage: Stage = { chain: genesis.chainId, genesis: genesisHash(genesis), recipe, rounds }
    if (after === undefined)
      return begin(genesis, { model: id, document, data, tokenizer, initial: parameters, stages: [stage] })
    const before = await readLineage(after)
    const last = before.stages.at(-1)?.rounds.at(-1)?.parameters ?? before.initial
    if (last !== parameters) throw new HydraError('LINEAGE_INVALID', `The chain did not begin where ${after} ends.`)
    return { ...before, stages: [...before.stages, stage] }
  } finally {
    source.close()
  }
}

function begin(
  genesis: Genesis,
  parts: Omit<Lineage, 'format' | 'engine' | 'tokenizer'> & { tokenizer: Hash },
): Lineage {
  return { format: 'hydra-lineage/1', engine: genesis.engine, ...parts }
}

/**
 * The round that waits for its aggregation. `from`: the parameters it is added to, from which a lineage says that its units
 * began; they did unless an update of the round before was revealed and not accepted.
 */
function acceptedIn(state: LedgerState, id: string, from: Hash): Omit<LineageRound, 'parameters' | 'evaluation'> {
  const round = state.settling.get(id)!
  if (round.base !== from) {
    throw new HydraError('LINEAGE_INVALID', `The units of round ${round.number} did not begin from the parameters.`, {
      advice: 'A lineage tells only of rounds whose updates were all accepted.',
    })
  }
  const updates = round.updates
    .filter(({ outcome }) => outcome === 'accepted')
    .map(({ trainer, unit }) => [trainer, unit] as const)
  return { round: round.number, beacon: round.beacon, updates }
}

/** One line a round, so that a person can read it. */
function text({ stages, ...head }: Lineage): string {
  const parts = stages.map(({ rounds, ...stage }) => {
    const lines = rounds.map(round => `    ${JSON.stringify(round)}`).join(',\n')
    return `  ${JSON.stringify(stage).slice(0, -1)},"rounds":[\n${lines}\n  ]}`
  })
  return `${JSON.stringify(head).slice(0, -1)},"stages":[\n${parts.join(',\n')}\n]}\n`
}
