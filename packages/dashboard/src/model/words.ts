import type { NodeState } from '../api/shapes.ts'
import { groupDigits } from './amounts.ts'

/** What the network's own words mean, for somebody who met them a minute ago. */
export const terms = {
  round:
    'A round is one turn of training: everybody starts from the same model, trains, has the results checked, and the accepted results together make the next version.',
  unit: 'A unit is one piece of training work: a fixed number of steps on data that the network chose. Each verified unit pays 1.0 HYDRA.',
  step: 'One step shows the model one small batch of the data and corrects it a little.',
  epoch: 'An epoch is a stretch of blocks that one committee decides. At its end the next committee is drawn by lot.',
  committee:
    'The nodes that vote on blocks now. They are drawn by lot among all who have a stake, so that nobody can choose to be in it; the more stake and reputation, the likelier.',
  power:
    'How much a vote weighs: stake (up to a limit) times reputation. More than two thirds of all power must agree on a block.',
  unbonding:
    'Stake that was taken back. It is free only when nobody could still prove a cheat with it; until then it can be lost.',
  rests:
    'It missed its turn to propose a block, so for a few epochs it is drawn only when there are seats that nobody else takes.',
  tip: 'Paid by the sender to whoever puts the transaction into a block, so that it comes before others when blocks are full.',
  stake:
    'Stake is HYDRA put down as a bond. It lets a node vote on blocks and check others’ work, and is lost by cheating. The more of it, the less has to be audited.',
  finalised:
    'More than two thirds of the voting power signed this block. It cannot be undone: there are no forks to wait for.',
  loss: 'How wrong the model is on what it is shown; lower is better.',
  accuracy: 'The share of held-out examples, never used for training, that the model names correctly.',
  token: 'A piece of text: a short word or a part of one. A language model reads and writes tokens, one after another.',
  nextToken:
    'The model reads texts that it never trained on and guesses each next token: the share that its first guess gets right.',
  perplexity:
    'How unsure the model is of the next token: 20 means as unsure as somebody choosing among 20 equally likely ones. Lower is better, 1 is certain.',
  squaredError:
    'The mean of the squared distance between what the model predicts and what is true, on rows that it never trained on; lower is better.',
  version: 'Each round that accepts work makes a new version of the model; every node has it, bit for bit.',
  reputation: 'From 0 to 100, earned by verified work and lost fast by wrong work. It cannot be bought or passed on.',
  pending: 'Earned or received, but not in a block yet.',
  feeCredit: 'Credit from registering, so that a newcomer with nothing can pay for the first updates. It is not money.',
  validator: 'A node with stake that votes on blocks.',
  proposer: 'The validator whose turn it was to put this block together; it earns 0.5 HYDRA.',
  minted: 'HYDRA comes into being only as pay for work, by rule; fees are destroyed (burnt).',
  latency: 'How long a message to this peer and back takes.',
  synced: 'This node has every block that its peers have.',
  verdict:
    'What a node that was drawn by lot finds: the losses to the bit and, where it is an auditor, the unit run again. It is sealed until all verdicts are in, so that none can be copied.',
  audit:
    'Drawn nodes run a part of the unit again, or all of it, and compare it bit for bit. How often depends on the reputation of the trainer and on what it has to lose. A light check measures what the update does without running it again.',
  sealed:
    'Nobody but the trainer knows these numbers until the verdicts are in: so whoever checks has to compute them.',
  planted:
    'The trainer put a false number on purpose, as the lottery of the chain told it to: whoever copies claims instead of checking is caught by it. The update itself is honest.',
  dispute:
    'Two findings contradict each other. The parties narrow it down to one step, and that step is computed by every validator: whoever was wrong pays.',
  segment: 'A stretch of steps of a unit between two points whose state the trainer committed to.',
  trainingShare: 'Of the time since this node started, the part in which a unit of its own was being trained.',
  base: 'What a round begins from: the results of the round before, put together before they are checked, so that nobody waits.',
  nonce: 'The sender’s running number for transactions, so that none can be played twice.',
  engine: 'The hash of the arithmetic every node runs. Only nodes with the same one get the same bits.',
  genesis: 'The hash of this network’s first state. Two nodes with another one are on different networks.',
} as const
export type TermName = keyof typeof terms

export const stateWords: Record<NodeState, { readonly name: string; readonly contributing: string }> = {
  starting: { name: 'Starting', contributing: 'Not yet, the node is starting' },
  syncing: { name: 'Catching up', contributing: 'Not yet, catching up first' },
  training: { name: 'Training', contributing: 'Yes, training' },
  verifying: { name: 'Verifying', contributing: 'Yes, checking others’ work' },
  waiting: { name: 'Waiting', contributing: 'Ready, between two units' },
  paused: { name: 'Paused', contributing: 'No training, paused' },
}

interface PhaseWords {
  readonly id: string
  readonly name: string
  readonly about: string
}

/** The phases of the round at work, in order, as the ledger names them, and what happens in each. */
export const workPhases: readonly PhaseWords[] = [
  { id: 'work', name: 'Train', about: 'Nodes train units and commit to the results.' },
  { id: 'reveal', name: 'Reveal', about: 'The results are made public; what they claim stays sealed.' },
  {
    id: 'base',
    name: 'Base',
    about: 'The revealed results are put together, unchecked, for the next round to begin from.',
  },
]

/** The phases of the round that is being checked, while the next one is at work already. */
export const settlingPhases: readonly PhaseWords[] = [
  {
    id: 'verify',
    name: 'Verify',
    about: 'Drawn nodes check the results, run some of them again, and seal what they find.',
  },
  {
    id: 'disclose',
    name: 'Open',
    about: 'Trainers open their claims and verifiers their findings; the ledger compares and pays.',
  },
  { id: 'aggregate', name: 'Merge', about: 'Accepted results become the next version.' },
]

/** `type` and `fieldName` words of the API as words for people: `feeCredit` → `Fee credit`. */
export function humanise(word: string): string {
  const spaced = word
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[-_]+/g, ' ')
    .toLowerCase()
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

/** `1 peer`, `2 peers`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${groupDigits(count)} ${count === 1 ? one : many}`
