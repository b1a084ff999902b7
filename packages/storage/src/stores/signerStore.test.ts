import { utf8 } from '@hydraai/core'
import { expect, test } from 'vitest'
import { codeOf } from '../conformance.ts'
import { memoryStorage } from '../memory/memoryStorage.ts'
import { SimulatedDisk } from '../memory/simulatedDisk.ts'
import { signerRecordOf } from '../testing/sampleBlocks.ts'
import { SignerStore } from './signerStore.ts'

const newDisk = () => new SimulatedDisk({ random: { below: () => 0 } })

test('the last record that was saved is loaded, after a crash too', async () => {
  const disk = newDisk()
  const signer = new SignerStore(memoryStorage(disk).db)
  expect(await signer.load()).toBeUndefined()
  await signer.save(signerRecordOf(1))
  await signer.save({ ...signerRecordOf(2), signature: null })
  disk.crash()
  expect(await new SignerStore(memoryStorage(disk).db).load()).toEqual({ ...signerRecordOf(2), signature: null })
})

test('validators that share a database have each their record', async () => {
  const { db } = memoryStorage(newDisk())
  await new SignerStore(db, 'a').save(signerRecordOf(1))
  await new SignerStore(db, 'b').save(signerRecordOf(2))
  expect(await new SignerStore(db, 'a').load()).toEqual(signerRecordOf(1))
})

test('a record that is not one is refused, so that nobody signs twice for want of it', async () => {
  const { db } = memoryStorage(newDisk())
  await db.batch([{ type: 'put', key: 'signer/own', value: utf8('x') }], { sync: true })
  expect(await codeOf(new SignerStore(db).load())).toBe('CODEC_INVALID')
})
