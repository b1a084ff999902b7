import { decode, encode, formatAmount, parseAmount } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import { checkGenesis, type Genesis, genesisCodec } from './genesis.ts'

/** Longest genesis file that is read. */
const MAX_JSON_CHARACTERS = 262_144

/** Names of the fields that hold amounts, which the file writes as texts in HYDRA: JSON's numbers are no place for money. */
const AMOUNTS = new Set([
  'feeCredit',
  'minimumStake',
  'verifierStakeCap',
  'unit',
  'verdict',
  'replay',
  'block',
  'precommit',
  'update',
  'model',
  'query',
  'queryBurnt',
  'stake',
])

const ADVICE = 'Get the genesis file again from whoever founded the network.'

/** The genesis file: JSON for people, amounts in HYDRA as texts such as "1.5". */
export function genesisToJson(genesis: Genesis): string {
  const known = decode(genesisCodec, encode(genesisCodec, genesis))
  const write = (_name: string, value: unknown) => (typeof value === 'bigint' ? formatAmount(value) : value)
  return `${JSON.stringify(known, write, 2)}\n`
}

/** The genesis of such a file, every field checked, unknown ones refused. @throws LedgerError GENESIS_INVALID */
export function genesisOfJson(text: string): Genesis {
  try {
    if (text.length > MAX_JSON_CHARACTERS) throw new Error('it is too long')
    const read = (name: string, value: unknown) =>
      AMOUNTS.has(name) && typeof value === 'string' ? parseAmount(value) : value
    const claimed: unknown = JSON.parse(text, read)
    // Encoding checks every field that it takes; what it did not take is not known.
    const genesis = decode(genesisCodec, encode(genesisCodec, claimed as Genesis))
    refuseUnknown(claimed, genesis, 'genesis')
    checkGenesis(genesis)
    return genesis
  } catch (cause) {
    if (cause instanceof LedgerError) throw cause
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new LedgerError('GENESIS_INVALID', `this is no genesis file: ${problem}`, { advice: ADVICE, cause })
  }
}

/** Throws if `claimed` has a field that `taken` has not, at any depth. */
function refuseUnknown(claimed: unknown, taken: unknown, path: string): void {
  if (typeof claimed !== 'object' || claimed === null) return
  for (const [name, value] of Object.entries(claimed)) {
    if (!Object.hasOwn(taken as object, name)) throw new Error(`${path} has an unknown field ${JSON.stringify(name)}`)
    refuseUnknown(value, (taken as Record<string, unknown>)[name], `${path}.${name}`)
  }
}
