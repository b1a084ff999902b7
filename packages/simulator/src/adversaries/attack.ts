import type { CommittedBlock, NodeOptions } from '@hydraai/node'
import type { Actor } from '../actor.ts'
import type { Machine } from '../machine.ts'
import type { SeededRandom } from '../seededRandom.ts'
import type { World } from '../world.ts'
import type { Acts } from './acts.ts'
import type { Forge } from './forge.ts'
import type { SceneName, Stance } from './scenes.ts'

export type Tamper = NonNullable<NodeOptions['tamper']>

/** What an attack has to work with. */
export interface Stage {
  readonly world: World
  readonly stance: Stance
  /** What was done, for the count of what was caught. */
  readonly acts: Acts
  readonly attackers: readonly Machine[]
  /** Chance that is the attack's own. */
  readonly random: SeededRandom
  /** Makes units otherwise than a node does. */
  readonly forge: Forge
  /** Whether this machine attacks now: at once, or once it is trusted. */
  betrays(machine: number): boolean
}

/** An attack under way. */
export interface Part {
  /** What the attacker's services do otherwise. */
  readonly tamper?: (machine: number) => Tamper
  /** Who stands in front of the attacker's node. */
  readonly actor?: (machine: number) => Actor
  /** Whether an attacker starts with the world; true unless given. */
  readonly startsAtOnce?: (machine: number) => boolean
  /** After every block that an honest machine commits. */
  readonly onBlock?: (block: CommittedBlock) => void
}

/** One way to cheat. */
export interface Attack {
  readonly name: string
  /** What is done, for people. */
  readonly is: string
  readonly scene: SceneName
  /** Where the honest run takes place that it is compared with: the same machines, or the same stake in one hand. */
  readonly twin: SceneName
  /** In which stances it is tried. */
  readonly stances: readonly Stance[]
  /** Called once for a run, before anything runs. */
  play(stage: Stage): Part
}
