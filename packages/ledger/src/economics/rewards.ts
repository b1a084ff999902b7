import type { Commit } from '@hydraai/consensus'
import type { Address } from '@hydraai/core'
import type { Draft } from '../state/draft.ts'
import { mint } from './money.ts'

/** Pays for the block before this one: its proposer, and every validator whose precommit stands in its commit. */
export function payForBlock(draft: Draft, proposer: Address, commit: Commit): void {
  const { rewards } = draft.block.parameters
  const { height } = commit
  mint(draft, proposer, rewards.block)
  draft.events.push({ type: 'block-reward', account: proposer, amount: rewards.block, height })
  for (const { validator } of commit.precommits) {
    mint(draft, validator, rewards.precommit)
    draft.updateAccount(validator, { lastActive: draft.block.height })
    draft.events.push({ type: 'precommit-reward', account: validator, amount: rewards.precommit, height })
  }
}
