import type { AppendLog, KeyValueStore, Storage } from '@hydraai/storage'
import type { FuseBox, Moment } from './fuse.ts'

/** Turns of the job queue after which a write that was just called is under way. */
const TURNS_TO_DISK = 3

/** Ends the process at this moment; nothing of it runs on. */
export type Die = () => void

/** What a dead process waits for. */
export function never<T>(): Promise<T> {
  return new Promise(() => {})
}

/** The same storage for a process that may die at any of its writes. */
export function fragileStorage(storage: Storage, fuses: FuseBox, die: Die): Storage {
  const write = (run: () => Promise<void>) => fragileWrite(run, fuses.strike('write'), die)
  const db = replaced<KeyValueStore>(storage.db, {
    batch: (operations, options) => write(() => storage.db.batch(operations, options)),
  })
  const openLog = async (name: string): Promise<AppendLog> => {
    const log = await storage.openLog(name)
    return replaced<AppendLog>(log, {
      append: record => write(() => log.append(record)),
      reset: () => write(() => log.reset()),
    })
  }
  return replaced<Storage>(storage, { db, openLog })
}

async function fragileWrite(run: () => Promise<void>, moment: Moment | null, die: Die): Promise<void> {
  if (moment === null) return run()
  if (moment === 'before') {
    die()
    return never()
  }
  const written = run()
  if (moment === 'amid') for (let turn = 0; turn < TURNS_TO_DISK; turn++) await null
  else await written
  die()
  return never()
}

/** The same object with some of its members replaced; everything else goes to the original. */
export function replaced<T extends object>(original: T, members: Partial<T>): T {
  return new Proxy(original, {
    get(target, property) {
      if (Object.hasOwn(members, property)) return Reflect.get(members, property)
      const value: unknown = Reflect.get(target, property, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
