import { type Address, float32OfBits, formatAmount, isFiniteFloat32Bits, type Micro } from '@hydraai/core'
import { FOUNDING_ROUND, type LedgerEvent, type Offence, type Question } from '@hydraai/ledger'
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
  base: 'the results are put together for the next round to begin from',
  verify: 'drawn nodes check the results',
  disclose: 'trainers open their claims, verifiers their findings',
  aggregate: 'the accepted results are put together',
} as const
const OUTCOMES = {
  pending: 'is open',
  accepted: 'was accepted',
  refuted: 'was refuted',
  expired: 'expired',
  disputed: 'is disputed',
} as const
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
      return `${nameOf(event.account)} checked ${unitText(event, nameOf)} and sealed what it found`
    case 'open': {
      const who = event.account === event.trainer ? '' : `, which ${nameOf(event.trainer)} had not done`
      const planted = event.planted ? '; a false loss was planted in its seal' : ''
      return `${nameOf(event.account)} opened the claims of ${unitText(event, nameOf)}${who}: loss ${lossText(event.lossBefore)} → ${lossText(event.lossAfter)}${planted}`
    }
    case 'disclose':
      return `${nameOf(event.account)} opened its findings on ${unitText(event, nameOf)}`
    case 'replay-reward':
      return `${nameOf(event.account)} earned ${HYDRA(event.amount)} for running ${segmentsText(event.segments)} of ${unitText(event, nameOf)} again`
    case 'unit-slash':
      return `${nameOf(event.account)} lost ${HYDRA(event.amount)} of stake for a false unit: unit ${event.unit} of round ${event.round} of ${event.model}`
    case 'verdict-slash':
      return `${nameOf(event.account)} lost ${HYDRA(event.amount)} of stake for a false verdict on ${unitText(event, nameOf)}`
    case 'bounty':
      return event.account === event.trainer
        ? `${nameOf(event.account)} got ${HYDRA(event.amount)} of what ${nameOf(event.from)} lost for accusing it falsely`
        : `${nameOf(event.account)} got ${HYDRA(event.amount)} of what ${nameOf(event.from)} lost, for finding it out`
    case 'base':
      return event.included === 0
        ? `Round ${event.round} of ${event.model} begins from the model as it is`
        : `Round ${event.round} of ${event.model} begins from ${grouped(event.included)} of ${grouped(event.revealed)} results of the round before, unchecked`
    case 'dispute':
      return `Dispute about ${unitText(event, nameOf)}: ${DISPUTED[event.question](nameOf(event.trainer), event.challenger === null ? '' : nameOf(event.challenger))}, by block #${grouped(event.until)}`
    case 'ruling':
      return `Every validator computed ${RULED[event.question]} of ${unitText(event, nameOf)}: ${event.wrong.length === 0 ? 'nobody was wrong' : `${event.wrong.map(nameOf).join(', ')} ${event.wrong.length === 1 ? 'was' : 'were'} wrong`}`
    case 'phase':
      if (event.round === FOUNDING_ROUND) return `${event.model} waits for its first parameters`
      return `Round ${event.round} of ${event.model}: ${PHASES[event.phase]}`
    case 'update':
      return `Unit ${event.unit} of ${nameOf(event.trainer)} in round ${event.round} of ${event.model} ${OUTCOMES[event.outcome]}`
    case 'decay':
      return `${nameOf(event.account)} had no work accepted for a while and now has reputation ${event.reputation} (${event.change})`
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
    case 'replay-reward':
      return `Earned for running ${segmentsText(event.segments)} of unit ${event.unit} of ${nameOf(event.trainer)} again (round ${event.round} of ${event.model})`
    case 'bounty':
      return event.account === event.trainer
        ? `Compensation from ${nameOf(event.from)} for a false accusation (round ${event.round} of ${event.model})`
        : `Bounty for finding out ${nameOf(event.from)} (round ${event.round} of ${event.model})`
    case 'unit-slash':
      return `Stake lost for a false unit: unit ${event.unit} of round ${event.round} of ${event.model}`
    case 'verdict-slash':
      return `Stake lost for a false verdict on unit ${event.unit} of ${nameOf(event.trainer)} in round ${event.round} of ${event.model}`
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

type Asked = Question['type']

/** What a question asks of whom; `challenger` is empty where everybody's findings are at stake. */
const DISPUTED: Readonly<Record<Asked, (trainer: string, challenger: string) => string>> = {
  findings: () => 'all validators compute its losses',
  seal: (_, challenger) => `all validators seal it again, which ${challenger} says gives something else`,
  key: (_, challenger) => `all validators compute a key of its trace, which ${challenger} says is another`,
  pick: (trainer, challenger) => `the trainer ${trainer} names the first state of ${challenger} that it denies`,
  narrow: (trainer, challenger) => `the challenger ${challenger} shows its states where ${trainer} denies one`,
  step: (_, challenger) => `all validators compute the step in dispute, which ${challenger} says ends elsewhere`,
}
const RULED: Readonly<Record<Asked, string>> = {
  findings: 'the losses',
  seal: 'the seal',
  key: 'a key of the trace',
  pick: 'a state',
  narrow: 'a state',
  step: 'the step in dispute',
}

/** What is to be answered in a dispute now, and by whom, as a sentence. */
export function questionText(question: Question, trainer: Address, nameOf: NameOf): string {
  const challenger = 'challenger' in question ? nameOf(question.challenger) : ''
  const said = DISPUTED[question.type](nameOf(trainer), challenger)
  const where = 'from' in question ? ` (steps ${grouped(question.from + 1)} to ${grouped(question.to)})` : ''
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}${where}.`
}

function unitText(
  { unit, trainer, round, model }: { unit: number; trainer: Address; round: number; model: string },
  nameOf: NameOf,
): string {
  return `unit ${unit} of ${nameOf(trainer)} in round ${round} of ${model}`
}

function segmentsText(segments: number): string {
  return segments === 1 ? '1 segment' : `${grouped(segments)} segments`
}

function lossText(bits: number): string {
  return lossOf(bits)?.toFixed(4) ?? 'no number'
}

function memo(text: string): string {
  return text === '' ? '' : ` (“${text}”)`
}
