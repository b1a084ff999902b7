import { HydraError, utf8 } from '@hydraai/core'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MAX_KEY_BYTES, MAX_RECORD_BYTES } from './limits.ts'
import type { KeyRange, Storage, WriteOperation } from './ports.ts'

/** One place that outlives the storages opened on it, and what can happen to it. */
export interface StoragePlace {
  open(): Promise<Storage>
  /** The process dies without closing; what was acknowledged as durable has to be found again. */
  crash(storage: Storage): Promise<void>
  /** Flips a bit of the stored `value` of `key`, while no storage is open. */
  damageValue(key: string, value: Uint8Array): Promise<void>
  /** Replaces the bytes of a log, while no storage is open. */
  changeLog(name: string, change: (bytes: Uint8Array) => Uint8Array): Promise<void>
  dispose(): Promise<void>
}

/** Waits for the code of the HydraError that `promise` is refused with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    error => error,
  )
  if (!(error instanceof HydraError)) throw error
  return error.code
}

const put = (key: string, ...value: number[]): WriteOperation => ({ type: 'put', key, value: Uint8Array.from(value) })
const sync = { sync: true }

/** What every implementation of the storage ports promises. */
export function storageConformance(name: string, makePlace: () => Promise<StoragePlace>): void {
  let place: StoragePlace
  let storage: Storage

  beforeEach(async () => {
    place = await makePlace()
    storage = await place.open()
  })

  afterEach(async () => {
    await storage.close()
    await place.dispose()
  })

  async function reopen(): Promise<Storage> {
    await storage.close()
    storage = await place.open()
    return storage
  }

  async function crash(): Promise<Storage> {
    await place.crash(storage)
    storage = await place.open()
    return storage
  }

  async function entries(range: KeyRange = {}): Promise<[string, Uint8Array][]> {
    const found: [string, Uint8Array][] = []
    for await (const entry of storage.db.range(range)) found.push(entry)
    return found
  }

  describe(`${name}: database`, () => {
    test('gives back what was put, also after it was opened again, and nothing that was deleted', async () => {
      await storage.db.batch([put('a', 1), put('b', 2), put('empty')], sync)
      await storage.db.batch(
        [
          { type: 'del', key: 'a' },
          { type: 'del', key: 'never' },
        ],
        sync,
      )
      for (const again of [async () => storage, reopen]) {
        const { db } = await again()
        expect(await db.get('a')).toBeUndefined()
        expect(await db.get('b')).toEqual(Uint8Array.of(2))
        expect(await db.get('empty')).toEqual(new Uint8Array())
      }
    })

    test('the last operation on a key in a batch wins', async () => {
      await storage.db.batch([put('a', 1), { type: 'del', key: 'a' }, put('a', 2)], sync)
      expect(await storage.db.get('a')).toEqual(Uint8Array.of(2))
    })

    test('agrees with a sorted map on every range', async () => {
      const key = fc.stringMatching(/^[ -~]{1,3}$/)
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(key, { maxLength: 12 }),
          fc.option(key, { nil: undefined }),
          fc.option(key, { nil: undefined }),
          fc.boolean(),
          fc.option(fc.nat(5), { nil: undefined }),
          async (keys, gte, lt, reverse, limit) => {
            const before = (await entries()).map(([key]): WriteOperation => ({ type: 'del', key }))
            await storage.db.batch([...before, ...keys.map(key => put(key, 1))], { sync: false })
            let expected = keys.sort((a, b) => (a < b ? -1 : 1))
            expected = expected.filter(key => (gte === undefined || key >= gte) && (lt === undefined || key < lt))
            if (reverse) expected.reverse()
            const range = { reverse, ...(gte && { gte }), ...(lt && { lt }), ...(limit !== undefined && { limit }) }
            expect((await entries(range)).map(([key]) => key)).toEqual(expected.slice(0, limit))
          },
        ),
        { numRuns: 40 },
      )
    })

    test('a range shows the moment at which it began', async () => {
      await storage.db.batch([put('a', 1), put('b', 1)], sync)
      const seen: [string, Uint8Array][] = []
      for await (const entry of storage.db.range({})) {
        await storage.db.batch([put('b', 2), put('c', 2)], sync)
        seen.push(entry)
      }
      expect(seen).toEqual([
        ['a', Uint8Array.of(1)],
        ['b', Uint8Array.of(1)],
      ])
    })

    test('shares no memory with its caller', async () => {
      const value = Buffer.from([1])
      const stored = storage.db.batch([{ type: 'put', key: 'a', value }], sync)
      value[0] = 2
      await stored
      const got = await storage.db.get('a')
      got![0] = 3
      expect(await storage.db.get('a')).toEqual(Uint8Array.of(1))
    })

    test('keeps values of some megabytes', async () => {
      const value = new Uint8Array(7_000_000).map((_, index) => index % 251)
      await storage.db.batch([{ type: 'put', key: 'large', value }], sync)
      await crash()
      expect(Buffer.compare((await storage.db.get('large'))!, value)).toBe(0)
    })

    test('refuses keys that other implementations would order differently or not take', async () => {
      for (const key of ['', 'ä', 'a\n', 'k'.repeat(MAX_KEY_BYTES + 1)]) {
        expect(await codeOf(storage.db.batch([put(key, 1)], sync))).toBe('KEY_INVALID')
        expect(await codeOf(storage.db.get(key))).toBe('KEY_INVALID')
      }
      await storage.db.batch([put('k'.repeat(MAX_KEY_BYTES), 1)], sync)
      expect(await entries()).toHaveLength(1)
    })

    test('a batch is there wholly or not at all after a crash, and a synced one is there', async () => {
      await storage.db.batch([put('loose-a', 1), put('loose-b', 1)], { sync: false })
      await storage.db.batch([put('sure-a', 1), put('sure-b', 1)], sync)
      for (let n = 0; n < 5; n++) {
        await storage.db.batch([put(`late-a${n}`, 1), put(`late-b${n}`, 1)], { sync: false })
      }
      await crash()
      const keys = (await entries()).map(([key]) => key)
      expect(keys).toEqual(expect.arrayContaining(['loose-a', 'loose-b', 'sure-a', 'sure-b']))
      const late = [0, 1, 2, 3, 4].map(n => [keys.includes(`late-a${n}`), keys.includes(`late-b${n}`)])
      for (const [a, b] of late) expect(a).toBe(b)
      // What is lost is lost from the end.
      expect(late.map(([a]) => a)).toEqual(late.map(([a]) => a).sort((a, b) => Number(b) - Number(a)))
    })

    test('a flipped bit is reported, never served', async () => {
      const value = Uint8Array.from({ length: 64 }, (_, index) => (index * 37) % 256)
      await storage.db.batch([{ type: 'put', key: 'a', value }, put('b', 1)], sync)
      // A batch after it, so that the damage cannot be taken for an unfinished end.
      await storage.db.batch([put('c', 1)], sync)
      await storage.close()
      await place.damageValue('a', value)
      const use = place.open().then(async opened => {
        storage = opened
        return storage.db.get('a')
      })
      expect(await codeOf(use)).toBe('STORAGE_CORRUPT')
    })

    test('is of no use once it is closed', async () => {
      await storage.close()
      expect(await codeOf(storage.db.get('a'))).toBe('STORAGE_CLOSED')
      expect(await codeOf(storage.db.batch([put('a', 1)], sync))).toBe('STORAGE_CLOSED')
      expect(await codeOf(entries())).toBe('STORAGE_CLOSED')
      expect(await codeOf(storage.openLog('wal'))).toBe('STORAGE_CLOSED')
    })

    test('is open once at a time', async () => {
      await storage.db.batch([put('a', 1)], sync)
      expect(await codeOf(place.open())).toBe('STORAGE_LOCKED')
      expect(await storage.db.get('a')).toEqual(Uint8Array.of(1))
    })
  })

  describe(`${name}: log`, () => {
    const records = [utf8('one'), new Uint8Array(), utf8('three'), new Uint8Array(100_000).fill(7)]

    test('gives back its records in order, also after a crash', async () => {
      const log = await storage.openLog('wal')
      await Promise.all(records.slice(0, 2).map(record => log.append(record)))
      await log.append(records[2]!)
      await log.append(records[3]!)
      expect(await log.read()).toEqual(records)
      const again = await (await crash()).openLog('wal')
      expect(await again.read()).toEqual(records)
      expect(again.tornBytes).toBe(0)
      await again.append(utf8('more'))
      expect(await again.read()).toEqual([...records, utf8('more')])
    })

    test('shares no memory with its caller', async () => {
      const log = await storage.openLog('wal')
      const record = Buffer.from('a')
      const appended = log.append(record)
      record[0] = 0
      await appended
      const [got] = await log.read()
      got![0] = 0
      expect(await log.read()).toEqual([utf8('a')])
    })

    test('a reset leaves nothing, and what is appended after it stays', async () => {
      const log = await storage.openLog('wal')
      const before = log.append(utf8('old'))
      const reset = log.reset()
      const after = log.append(utf8('new'))
      await Promise.all([before, reset, after])
      expect(await log.read()).toEqual([utf8('new')])
      const again = await (await crash()).openLog('wal')
      expect(await again.read()).toEqual([utf8('new')])
    })

    test('logs are apart from one another, and each is open once', async () => {
      const [one, two] = [await storage.openLog('one'), await storage.openLog('two')]
      await one.append(utf8('1'))
      expect(await two.read()).toEqual([])
      expect(await codeOf(storage.openLog('one'))).toBe('STORAGE_LOCKED')
      await one.close()
      expect(await (await storage.openLog('one')).read()).toEqual([utf8('1')])
    })

    test('an unfinished last record is cut off and said, and the log goes on', async () => {
      const log = await storage.openLog('wal')
      for (const record of records) await log.append(record)
      await storage.close()
      await place.changeLog('wal', bytes => bytes.slice(0, -10))
      storage = await place.open()
      const again = await storage.openLog('wal')
      expect(await again.read()).toEqual(records.slice(0, 3))
      expect(again.tornBytes).toBe(16 + 100_000 - 10)
      await again.append(utf8('more'))
      await again.close()
      const third = await storage.openLog('wal')
      expect(await third.read()).toEqual([...records.slice(0, 3), utf8('more')])
      expect(third.tornBytes).toBe(0)
    })

    test('a damaged record is reported, and the log is left as it is', async () => {
      const log = await storage.openLog('wal')
      for (const record of records) await log.append(record)
      await storage.close()
      let damaged = new Uint8Array()
      await place.changeLog('wal', bytes => {
        damaged = bytes.slice()
        damaged[17]! ^= 1
        return damaged
      })
      storage = await place.open()
      const again = await storage.openLog('wal')
      expect(await codeOf(again.read())).toBe('LOG_CORRUPT')
      expect(await codeOf(again.append(utf8('more')))).toBe('LOG_CORRUPT')
      expect(await codeOf(again.reset())).toBe('LOG_CORRUPT')
      await storage.close()
      await place.changeLog('wal', bytes => {
        expect(Buffer.compare(bytes, damaged)).toBe(0)
        return bytes
      })
    })

    test('refuses names that are no file names, and records beyond the limit', async () => {
      for (const name of ['', '../wal', 'WAL', 'a'.repeat(65)]) {
        expect(await codeOf(storage.openLog(name))).toBe('LOG_NAME_INVALID')
      }
      const log = await storage.openLog('wal')
      expect(await codeOf(log.append(new Uint8Array(MAX_RECORD_BYTES + 1)))).toBe('RECORD_TOO_LARGE')
      await log.append(utf8('fits'))
      expect(await log.read()).toEqual([utf8('fits')])
    })

    test('is of no use once it is closed', async () => {
      const log = await storage.openLog('wal')
      const appended = log.append(utf8('a'))
      await log.close()
      await appended
      expect(await codeOf(log.append(utf8('b')))).toBe('STORAGE_CLOSED')
      expect(await codeOf(log.read())).toBe('STORAGE_CLOSED')
    })
  })
}
