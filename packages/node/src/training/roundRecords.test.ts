import { addressOf, keyPairFromSeed, struct, uint } from '@hydraai/core'
import { memoryStorage, SimulatedDisk } from '@hydraai/storage'
import { expect, test } from 'vitest'
import { RoundRecords } from './roundRecords.ts'

const trainer = addressOf(keyPairFromSeed(new Uint8Array(32).fill(1)).publicKey)
const key = (model: string, round: number) => ({ model, round, trainer, unit: 0 })
const codec = struct({ n: uint })

test('a record is there after a crash, once putting it has ended', async () => {
  const disk = new SimulatedDisk({ random: { below: () => 0 } as never })
  await new RoundRecords(memoryStorage(disk).db, 'unit', codec).put(key('tiny', 1), { n: 7 })
  disk.crash()
  expect(await new RoundRecords(memoryStorage(disk).db, 'unit', codec).get(key('tiny', 1))).toEqual({ n: 7 })
})

test('rounds long over are forgotten, those of other models and other kinds of records are not', async () => {
  const { db } = memoryStorage(new SimulatedDisk({ random: { below: () => 0 } as never }))
  const records = new RoundRecords(db, 'unit', codec)
  const others = new RoundRecords(db, 'finding', codec)
  await others.put(key('tiny', 1), { n: 1 })
  await records.put(key('tiny2', 1), { n: 1 })
  for (let round = 1; round <= 12; round++) await records.put(key('tiny', round), { n: round })
  expect(await records.get(key('tiny', 8))).toBeUndefined()
  for (const round of [9, 10, 11, 12]) expect(await records.get(key('tiny', round))).toEqual({ n: round })
  expect(await records.get(key('tiny2', 1))).toEqual({ n: 1 })
  expect(await others.get(key('tiny', 1))).toEqual({ n: 1 })
})
