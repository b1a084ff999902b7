import { type Address, float32OfBits, formatAmount, isFiniteFloat32Bits, type Micro } from '@hydraai/core'
import { FOUNDING_ROUND, type LedgerEvent, type Offence } from '@hydraai/ledger'
import { grouped, scoreText } from '../../training/labels.ts'

export type NameOf = (address: Address) => string

/** float32 bits as a number for JSON; null for what is no number. */
export function lossOf(bits: number): number | null {
  return isFiniteFloat32Bits(bits) ? float32OfBits(bits) : null
}

/** `+1.5`, `-0.01`, `0`. */
export function signedAmount(amount: Micro): string {
  return amount > 0n ? `+${formatAmount(amount)}` : formatAmount(amount)
}

const HYDRA = (amount: Micro) => `${formatAmount(amount)} HYDRA`
const PHASES = {
  work: 'nodes train',
  reveal: 'trainers show their results',
  verify: 'drawn nodes check the results',
  settle: 'trainers prove their work and are paid',
  aggregate: 'the accepted results are put together',
} as const
const OUTCOMES = { pending: 'is open', accepted: 'was accepted', refuted: 'was refuted', expired: 'expired' } as const
const OFFENCES: Record<Offence, string> = {
  'duplicate-vote': 'for voting twice at block',
  'light-client-attack': 'for signing a false header in the place of block',
}

/** What an event did, as a sentence that names who. */
export function eventText(event: LedgerEvent, nameOf: NameOf): string {
  switch (event.type) {
    case 'genesis-stake':
      return `${nameOf(event.account)} founded the network with a stake of ${HYDRA(event.amount)}`
    case 'block-reward':
      return `${nameOf(event.account)} earned ${HYDRA(event.amount)} for block #${grouped(event.height)}`
    case 'precommit-reward':
      return `${nameOf(event.account)} earned ${HYDRA(event.amount)} for a vote on block #${grouped(event.height)}`
    case 'unit-reward':
      return `${nameOf(event.account)} earned ${HYDRA(event.amount)} for unit ${event.unit} of round ${event.round} of ${event.model} (training)`
    case 'verdict-reward':
      return `${nameOf(event.account)} earned ${HYDRA(event.amount)} for checking a unit of ${nameOf(event.trainer)} (${event.model})`
    case 'transfer':
      return `${nameOf(event.from)} sent ${HYDRA(event.amount)} to ${nameOf(event.to)}${memo(event.memo)}`
    case 'publish':
      return `${nameOf(event.account)} published the model ${event.model}`
    case 'model-dropped':
      return `${event.model} of ${nameOf(event.account)} could not be founded in time and was dropped`
    case 'query-payment':
      return `${nameOf(event.from)} paid ${HYDRA(event.amount)} to ${nameOf(event.account)} for an answer of ${event.model}`
    case 'fee':
      return event.credit > 0n
        ? `${nameOf(event.account)} paid a fee: ${HYDRA(event.amount)}, and ${formatAmount(event.credit)} of fee credit`
        : `${nameOf(event.account)} paid a fee of ${HYDRA(event.amount)}, which is burnt`
    case 'registration':
      return `${event.name} registered`
    case 'stake':
      return `${nameOf(event.account)} staked ${HYDRA(event.amount)}, ${formatAmount(event.total)} in all`
    case 'unstake':
      return `${nameOf(event.account)} took ${HYDRA(event.amount)} back from its stake, of which ${formatAmount(event.total)} are left; free at block #${grouped(event.releaseAt)}`
    case 'unbond':
      return `${HYDRA(event.amount)} that ${nameOf(event.account)} took back from its stake are free`
    case 'presence':
      return `${nameOf(event.account)} gave a sign of life`
    case 'missed-turn':
      return `${nameOf(event.account)} missed its turn to propose block #${grouped(event.height)} and rests until epoch ${grouped(event.restsUntil)}`
    case 'epoch':
      return `The committee of epoch ${grouped(event.epoch)} was drawn: ${grouped(event.members)} of ${grouped(event.candidates)} candidates`
    case 'tip':
      return `${nameOf(event.from)} tipped ${nameOf(event.account)} ${HYDRA(event.amount)} for taking in a transaction`
    case 'slash':
      return `${nameOf(event.account)} lost ${HYDRA(event.amount)} of stake ${OFFENCES[event.offence]} #${grouped(event.height)}; ${nameOf(event.reporter)} brought the proof`
    case 'commit':
      return `${nameOf(event.account)} committed unit ${event.unit} of round ${event.round} of ${event.model}`
    case 'reveal':
      return `${nameOf(event.account)} revealed unit ${event.unit} of round ${event.round} of ${event.model}`
    case 'verdict':
      return `${nameOf(event.account)} checked unit ${event.unit} of ${nameOf(event.trainer)} (${event.model}): ${event.valid ? 'valid' : 'invalid'}`
    case 'settle':
      return `${nameOf(event.account)} disclosed the replay key of unit ${event.unit} of ${nameOf(event.trainer)} (${event.model})`
    case 'phase':
      if (event.round === FOUNDING_ROUND) return `${event.model} waits for its first parameters`
      return `Round ${event.round} of ${event.model}: ${PHASES[event.phase]}`
    case 'update':
      return `Unit ${event.unit} of ${nameOf(event.trainer)} in round ${event.round} of ${event.model} ${OUTCOMES[event.outcome]}`
    case 'reputation':
      return `${nameOf(event.account)} now has reputation ${event.reputation} (${event.change > 0 ? '+' : ''}${event.change})`
    case 'model':
      if (event.round === FOUNDING_ROUND) return `${event.model} is founded and can be trained`
      return `${event.model} is now version ${event.version}: ${scoreText(event.evaluation)}`
  }
}

/** The same from the account's own side, for its statement. */
export function entryText(event: LedgerEvent, account: Address, nameOf: NameOf): string {
  switch (event.type) {
    case 'genesis-stake':
      return 'Stake given by the genesis'
    case 'block-reward':
      return `Earned for proposing block #${grouped(event.height)}`
    case 'precommit-reward':
      return `Earned for a vote on block #${grouped(event.height)}`
    case 'unit-reward':
      return `Earned for unit ${event.unit} of round ${event.round} of ${event.model}, verified`
    case 'verdict-reward':
      return `Earned for checking unit ${event.unit} of ${nameOf(event.trainer)} in round ${event.round} of ${event.model}`
    case 'transfer':
      return event.from === account
        ? `Sent to ${nameOf(event.to)}${memo(event.memo)}`
        : `Received from ${nameOf(event.from)}${memo(event.memo)}`
    case 'query-payment':
      return event.from === account
        ? `Paid to ${nameOf(event.account)} for an answer of ${event.model}`
        : `Earned for answering ${nameOf(event.from)} with ${event.model}`
    case 'fee':
      return 'Fee, burnt'
    case 'tip':
      return event.from === account
        ? `Tip to ${nameOf(event.account)}, who proposed the block`
        : `Tip from ${nameOf(event.from)} for taking in a transaction`
    case 'slash':
      return `Stake lost ${OFFENCES[event.offence]} #${grouped(event.height)}`
    default:
      return eventText(event, nameOf)
  }
}

function memo(text: string): string {
  return text === '' ? '' : ` (“${text}”)`
}
