import type { Micro } from '@hydraai/core'
import { type Command, Option } from 'commander'
import { nodeCommand } from '../options/nodeCommand.ts'
import { parseSum, type Read } from '../options/values.ts'
import type { NodeChoice } from '../running/findNode.ts'

export interface StakingFlags extends NodeChoice {
  readonly json?: true
  /** False: not even for the block that takes it in. */
  readonly wait?: boolean
}

export type StakingCommand =
  | { readonly command: 'stake' | 'unstake'; readonly amount: Micro; readonly flags: StakingFlags }
  | { readonly command: 'committee'; readonly flags: StakingFlags }

/** Adds `stake`, `unstake` and `committee` to the program. */
export function addStaking(program: Command, read: Read, run: (command: StakingCommand) => Promise<void>): void {
  const command = (name: string, description: string): Command => nodeCommand(program, name, description, read)
  const moves = (name: 'stake' | 'unstake', description: string, after: string) =>
    command(name, description)
      .argument('<amount>', 'HYDRA, such as 1.0', read(parseSum))
      .addOption(new Option('--no-wait', 'do not wait for the block that takes it in'))
      .addHelpText('after', after)
      .action((amount: Micro, flags: StakingFlags) => run({ command: name, amount, flags }))
  moves('stake', 'put HYDRA of the running node at stake, so that it may vote', STAKE_AFTER)
  moves('unstake', 'take HYDRA back from the stake of the running node', UNSTAKE_AFTER)
  command('committee', 'who votes on blocks now, with what power, and when the next are drawn').action(
    (flags: StakingFlags) => run({ command: 'committee', flags }),
  )
}

const STAKE_AFTER = `
Whoever has 1.0 HYDRA or more at stake can be drawn to vote, at the end of each epoch. Voting twice costs the stake.
`
const UNSTAKE_AFTER = `
Either all of it, or so that 1.0 HYDRA or more stay. It is free again after the unbonding time: as long as somebody
could still prove that this node has voted twice.
`
