import type { Micro, Recipe } from '@hydraai/core'

/** How an attacker stands when it begins: as a founder does on the first day, or trusted as far as anybody can be. */
export const STANCES = ['new', 'trusted'] as const
export type Stance = (typeof STANCES)[number]

/** A network in which an attack takes place. */
export interface Scene {
  readonly founders: number
  /** Machines that come with a wallet and nothing else. */
  readonly newcomers: number
  /** Indices of the machines that attack. */
  readonly attackers: readonly number[]
  readonly recipe?: Partial<Recipe>
  /** What a founder has at stake, where it is not what its stance says. */
  readonly stakeOf?: (index: number, usual: Micro) => Micro
}

const HYDRA = 1_000_000n

/** What each founder has at stake. A trusted one has so much that reputation alone decides how often it is replayed. */
export const STAKES: Readonly<Record<Stance, Micro>> = { new: 10n * HYDRA, trusted: 1_000n * HYDRA }

/** Simulated time of a run; the trusted spend the first part of it on building their reputation up, unit by unit. */
export const RUN_MS: Readonly<Record<Stance, number>> = { new: 48_000, trusted: 120_000 }

/** From this reputation on, an attacker in the stance of the trusted betrays: it is then replayed at the floor. */
export const TRUSTED_REPUTATION = 100

const sparse: Partial<Recipe> = { compression: { type: 'sparse', keepPpm: 100_000, decayPpm: 950_000 } }

export const SCENES = {
  /** One of six. */
  one: { founders: 6, newcomers: 0, attackers: [5] },
  /** The same with updates so compressed that what is left out is carried on. */
  sparse: { founders: 6, newcomers: 0, attackers: [5], recipe: sparse },
  /** Three of ten: 30 % of the trainers and of the weight. */
  ring: { founders: 10, newcomers: 0, attackers: [7, 8, 9] },
  /** Two trainers' worth of power on one side: one that trains and one that votes. */
  pair: { founders: 7, newcomers: 0, attackers: [5, 6] },
  /** Four who bring nothing but proof of work to a network of four. */
  swarm: { founders: 4, newcomers: 4, attackers: [4, 5, 6, 7] },
  /** One of them. */
  lone: { founders: 4, newcomers: 1, attackers: [4] },
  /** Five founders as in a network of six, and four more who share the stake of the sixth. */
  split: { founders: 9, newcomers: 0, attackers: [5, 6, 7, 8], stakeOf: (i, usual) => (i < 5 ? usual : usual / 4n) },
  /** One of six, with ten HYDRA at stake like everybody, however trusted. */
  poor: { founders: 6, newcomers: 0, attackers: [5], stakeOf: () => STAKES.new },
} satisfies Record<string, Scene>

export type SceneName = keyof typeof SCENES

/** For the honest twin of a run all that matters is where it takes place. */
export function sceneOf(name: SceneName): Scene {
  return SCENES[name]
}
