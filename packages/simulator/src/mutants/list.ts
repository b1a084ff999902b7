import type { Mutant } from './mutant.ts'

const MACHINE = 'packages/consensus/src/roundMachine.ts'
const RULES = 'packages/consensus/src/enabledRule.ts'
const KEEPER = 'packages/consensus/src/voteKeeper.ts'
const HOST = 'packages/node/src/consensus/host.ts'
const INTAKE = 'packages/node/src/consensus/intake.ts'
const SIGNER = 'packages/node/src/consensus/signer.ts'

/** Every one of them must be found by the same simulation that finds nothing in the product as it is. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'unlock-on-nil',
    is: 'a polka for nil takes the lock away (lines 44 to 46)',
    patches: [
      {
        file: MACHINE,
        find: "case 'PolkaNil':\n      return step === 'prevote' ? precommit(state, null) : ignored",
        replace:
          "case 'PolkaNil':\n      return step === 'prevote' ? precommit({ ...state, lockedValue: null, lockedRound: -1 }, null) : ignored",
      },
    ],
  },
  {
    name: 'quorum-of-two-thirds',
    is: 'exactly two thirds of the power are a quorum',
    patches: [
      {
        file: 'packages/consensus/src/quorum.ts',
        find: 'return 3 * power > 2 * total',
        replace: 'return 3 * power >= 2 * total',
      },
    ],
  },
  {
    name: 'no-line-28',
    is: 'a value that is proposed again with its polka gets no prevote',
    patches: [
      {
        file: RULES,
        find: "if (!hasQuorum(votes, 'prevote', validRound, valueId)) return null",
        replace: 'return null',
      },
    ],
  },
  {
    name: 'line-28-without-polka',
    is: 'a claim of a valid round is believed without its polka',
    patches: [
      {
        file: RULES,
        find: "if (!hasQuorum(votes, 'prevote', validRound, valueId)) return null",
        replace: '',
      },
    ],
  },
  {
    name: 'no-line-42',
    is: 'a polka that comes after the precommit does not set the valid value',
    patches: [
      {
        file: RULES,
        find: "const isValueSet = step === 'precommit' && machine.validRound === round",
        replace: "const isValueSet = step === 'precommit'",
      },
    ],
  },
  {
    name: 'no-lock',
    is: 'a precommit does not lock (line 38)',
    patches: [
      {
        file: MACHINE,
        find: 'const locked = { lockedValue: valueId, lockedRound: round, validValue: valueId, validRound: round }',
        replace: 'const locked = { validValue: valueId, validRound: round }',
      },
    ],
  },
  {
    name: 'vote-counted-twice',
    is: 'a vote that comes again counts again',
    patches: [
      {
        file: KEEPER,
        find: 'if (first.valueId === vote.valueId) return unchanged',
        replace:
          'if (first.valueId === vote.valueId) return { tally: { ...tally, power: tally.power + power, ' +
          'powers: addPower(tally.powers, vote.valueId, power) }, counted: true, evidence: null }',
      },
      {
        file: INTAKE,
        find: 'if (height === now.height && !isPart && history.holds(keyOf(message), data)) return only',
        replace:
          "if (height === now.height && !isPart && message.type !== 'vote' && history.holds(keyOf(message), data)) return only",
      },
      {
        file: INTAKE,
        find: 'if (!isPart && history.has(keyOf(message))) return only',
        replace: "if (!isPart && message.type !== 'vote' && history.has(keyOf(message))) return only",
      },
    ],
  },
  {
    name: 'log-after-sending',
    is: 'messages leave before the write-ahead log holds them',
    patches: [
      {
        file: HOST,
        find: 'await this.#log.append(record)',
        replace:
          'this.#parts.clock.after(50, () => { if (heightOf(record) === this.#height) void this.#log.append(record) })',
      },
    ],
  },
  {
    name: 'signer-without-memory',
    is: 'the signer does not know what it signed',
    patches: [{ file: SIGNER, find: 'const last = this.#last\n', replace: 'const last = null\n' }],
  },
  {
    name: 'evidence-ignored',
    is: 'what the vote keeper caught is not reported',
    patches: [{ file: HOST, find: 'return this.#parts.onEvidence(effect.evidence)', replace: 'return undefined' }],
  },
]
