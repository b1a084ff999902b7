import type { Vote } from '@hydraai/consensus'
import { type Hash, keyPairFromSeed, sha256, taggedHash, utf8 } from '@hydraai/core'
import { memoryStorage, SignerStore, SimulatedDisk } from '@hydraai/storage'
import { expect, test } from 'vitest'
import { Signer } from './signer.ts'

const CHAIN = 'hydra-00000000'
const keys = () => keyPairFromSeed(sha256(utf8('signer')))
const value = (text: string): Hash => taggedHash('value', utf8(text))
const refused = { code: 'DOUBLE_SIGN_REFUSED' }

function vote(height: number, round: number, type: Vote['type'], valueId: Hash | null): Vote {
  return { type, height, round, valueId, validator: keys().address }
}

async function opened(disk = new SimulatedDisk({ random: { below: () => 0 } })) {
  const open = () => Signer.open(CHAIN, keys(), new SignerStore(memoryStorage(disk).db))
  return { disk, signer: await open(), open }
}

test('refuses to go back in height, round or step, and a second value for the same step', async () => {
  const { signer } = await opened()
  await signer.signVote(vote(5, 2, 'prevote', value('a')))
  const proposal = { height: 5, round: 2, valueId: value('a'), validRound: -1, proposer: keys().address }
  for (const back of [
    vote(5, 2, 'prevote', value('b')),
    vote(5, 2, 'prevote', null),
    vote(5, 1, 'precommit', value('a')),
    vote(4, 9, 'precommit', value('a')),
  ])
    await expect(signer.signVote(back)).rejects.toMatchObject(refused)
  await expect(signer.signProposal(proposal)).rejects.toMatchObject(refused)
  for (const onward of [
    vote(5, 2, 'precommit', value('b')),
    vote(5, 3, 'prevote', null),
    vote(6, 0, 'prevote', value('c')),
  ])
    await expect(signer.signVote(onward)).resolves.toMatchObject(onward)
})

test('the same message gets the same signature, before and after a restart', async () => {
  const { disk, signer, open } = await opened()
  const first = await signer.signVote(vote(1, 0, 'prevote', value('a')))
  expect(await signer.signVote(vote(1, 0, 'prevote', value('a')))).toEqual(first)
  disk.crash()
  const again = await open()
  expect(await again.signVote(vote(1, 0, 'prevote', value('a')))).toEqual(first)
  await expect(again.signVote(vote(1, 0, 'prevote', value('b')))).rejects.toMatchObject(refused)
})

test('two requests at once for one step: one is signed, the other refused', async () => {
  const { signer } = await opened()
  const outcomes = await Promise.allSettled([
    signer.signVote(vote(1, 0, 'prevote', value('a'))),
    signer.signVote(vote(1, 0, 'prevote', value('b'))),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
})

test('no signature leaves before its record is on disk: what a full disk cannot keep is not signed', async () => {
  const { disk, signer } = await opened()
  await signer.signVote(vote(1, 0, 'prevote', value('a')))
  disk.setCapacity(0)
  await expect(signer.signVote(vote(1, 0, 'precommit', value('a')))).rejects.toMatchObject({ code: 'STORAGE_FULL' })
})
