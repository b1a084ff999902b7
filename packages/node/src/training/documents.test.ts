import { contentIdOf, type Hash } from '@hydraai/core'
import { describe, expect, test } from 'vitest'
import type { Compute } from '../compute/compute.ts'
import { Journal } from '../journal.ts'
import type { Library } from '../library.ts'
import { silentLogger } from '../ports.ts'
import { systemClock } from '../process/systemClock.ts'
import { Documents } from './documents.ts'

const blob = (label: number, size: number) => new Uint8Array(size).fill(label)

/** Documents over content in memory, and what the compute threads hold because of it. */
function world(maxBytes: number, blobs: Uint8Array[]) {
  const content = new Map(blobs.map(bytes => [contentIdOf(bytes), bytes]))
  const held = new Set<Hash>()
  const fetched: Hash[] = []
  const library = {
    async get(id: Hash) {
      const bytes = content.get(id)
      if (!bytes) throw new Error(`nobody has ${id}`)
      fetched.push(id)
      return bytes
    },
  } as unknown as Library
  const compute = {
    provide: async (id: Hash) => void held.add(id),
    forget: async (id: Hash) => void held.delete(id),
  } as unknown as Compute
  const journal = new Journal({ clock: systemClock, logger: silentLogger })
  return { documents: new Documents({ library, compute, journal, maxBytes }), held, fetched, content }
}

describe('what the compute threads hold', () => {
  const [document, other, ...data] = [blob(1, 10), blob(2, 10), blob(3, 60), blob(4, 60), blob(5, 30)]
  const [d, o, a, b, c] = [document, other, ...data].map(bytes => contentIdOf(bytes!)) as [Hash, Hash, Hash, Hash, Hash]

  test('is fetched once however often it is asked for, at the same time too', async () => {
    const { documents, held, fetched } = world(1_000, [document, ...data])
    await Promise.all([documents.ready({ document: d, data: a }), documents.ready({ document: d, data: a })])
    await documents.ready({ document: d, data: a })
    expect(fetched).toEqual([d, a])
    expect(held).toEqual(new Set([d, a]))
  })

  test('is bounded: the least lately used goes, never what is being asked for', async () => {
    const { documents, held, fetched } = world(110, [document, other, ...data])
    await documents.ready({ document: d, data: a })
    await documents.ready({ document: o, data: c })
    await documents.ready({ document: d, data: a })
    await documents.ready({ document: d, data: b })
    // 10 + 60 + 60 do not fit beside 10 + 30: what was used last stays as far as there is room.
    expect(held.has(b)).toBe(true)
    expect(held.has(d)).toBe(true)
    expect(held.has(c)).toBe(false)
    await documents.ready({ document: o, data: c })
    expect(fetched.filter(id => id === c)).toHaveLength(2)
  })

  test('may be one thing that is larger than all the room there is', async () => {
    const { documents, held } = world(20, [document, ...data])
    await documents.ready({ document: d, data: a })
    expect(held.has(a)).toBe(true)
  })

  test('is tried again after nobody had it', async () => {
    const { documents, content } = world(1_000, [document])
    await expect(documents.ready({ document: d, data: a })).rejects.toThrow('nobody has')
    content.set(a, data[0]!)
    await expect(documents.ready({ document: d, data: a })).resolves.toBeUndefined()
  })
})
