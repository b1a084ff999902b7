import { join } from 'node:path'
import { decodeDataset, type TableDataset } from '@hydraai/training'
import { describe, expect, test } from 'vitest'
import { folderWith } from '../../../test/folder.ts'
import { importData } from '../importData.ts'
import type { ImportOptions } from '../importer.ts'

async function table(content: string | Uint8Array, options: ImportOptions) {
  const imported = await importData(join(folderWith({ 'table.csv': content }), 'table.csv'), options)
  return { ...imported, dataset: imported.dataset as TableDataset }
}

/** A header and `count` rows. */
function rows(header: string, count: number, row: (i: number) => string): string {
  return [header, ...Array.from({ length: count }, (_, i) => row(i))].join('\n')
}

const people = rows('age,city,constant,name,churned', 60, i => {
  return `${20 + i},${['Bern', 'Genf', '"Basel, Stadt"'][i % 3]},7,person ${i},${i % 2 === 0 ? 'yes' : 'no'}`
})

describe('a table', () => {
  test('has numbers normalised over the training part, texts as one column a value, and a text target as classes', async () => {
    const { dataset, encoded, report } = await table(people, { target: 'churned' })
    expect(decodeDataset(encoded)).toEqual(dataset)
    expect(dataset.columns).toEqual([
      expect.stringMatching(/^\(age - \d+\.?\d*\) \/ \d+\.?\d*$/),
      'city = Basel, Stadt',
      'city = Bern',
      'city = Genf',
    ])
    expect([dataset.features, dataset.classNames, dataset.target]).toEqual([4, ['no', 'yes'], 'churned'])
    const ages = Array.from({ length: dataset.trainCount }, (_, i) => dataset.inputs[4 * i]!)
    const mean = ages.reduce((sum, age) => sum + age, 0) / ages.length
    const variance = ages.reduce((sum, age) => sum + (age - mean) ** 2, 0) / ages.length
    expect(mean).toBeCloseTo(0, 5)
    expect(variance).toBeCloseTo(1, 5)
    for (let i = 0; i < 60; i++) expect([...dataset.inputs.subarray(4 * i + 1, 4 * i + 4)].sort()).toEqual([0, 0, 1])
    expect(report.classes).toEqual([
      { name: 'no', count: 30 },
      { name: 'yes', count: 30 },
    ])
    expect(report.warnings).toEqual([
      'Column "constant" is the same in every row and was left out.',
      'Column "name" is text with more than 32 values and was left out.',
    ])
  })

  test('describes its features so that a row can be made into them again', async () => {
    const { dataset } = await table(people, { target: 'churned' })
    const [, mean, deviation] = /^\(age - (.+)\) \/ (.+)$/.exec(dataset.columns[0]!)!
    const ages = Array.from({ length: 60 }, (_, i) => dataset.inputs[4 * i]! * Number(deviation) + Number(mean))
    expect(ages.map(Math.round).sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => 20 + i))
  })

  test('takes a target of few whole numbers as classes and any other number as a quantity', async () => {
    const few = await table(
      rows('x,y', 40, i => `${i * 1.5},${10 * (i % 4)}`),
      { target: 'y' },
    )
    expect(few.dataset.classNames).toEqual(['0', '10', '20', '30'])
    const price = await table(
      rows('x,y', 40, i => `${i},${i * 2.5}`),
      { target: 'y' },
    )
    expect([price.dataset.classes, price.report.classes]).toEqual([0, []])
    expect(price.dataset.target).toMatch(/^\(y - /)
    expect(price.dataset.labels).toBeInstanceOf(Float32Array)
    // x and y rise together, so normalised they are the same.
    price.dataset.labels.forEach((label, i) => {
      expect(label).toBeCloseTo(price.dataset.inputs[i]!, 5)
    })
  })

  test('may be separated by semicolons or tabs, begin with a byte order mark and end its lines as Windows does', async () => {
    const plain = await table(people, { target: 'churned' })
    const other = `\uFEFF${people
      .replace(/"Basel, Stadt"/g, '"Basel; Stadt"')
      .replace(/,/g, ';')
      .replace(/\n/g, '\r\n')}\r\n`
    const { dataset } = await table(other, { target: 'churned' })
    expect(dataset.columns[1]).toBe('city = Basel; Stadt')
    expect(dataset.features).toBe(plain.dataset.features)
  })

  test('may have its holes filled by the mean, but not those of its target', async () => {
    const holes = rows('a,b,c', 30, i => `${i === 3 ? '' : i},${i === 4 ? '' : ['u', 'v'][i % 2]},${i % 2}`)
    await expect(table(holes, { target: 'c' })).rejects.toMatchObject({
      message: expect.stringMatching(/table\.csv:5: the cell of column "a" is empty/),
    })
    const { dataset } = await table(holes, { target: 'c', fill: 'mean' })
    const filled = Array.from({ length: 30 }, (_, i) => [...dataset.inputs.subarray(3 * i, 3 * i + 3)])
    expect(filled.filter(([a]) => a === 0).length).toBeGreaterThan(0)
    expect(filled.filter(([, u, v]) => u === 0 && v === 0)).toHaveLength(1)
    await expect(table(holes, { target: 'a', fill: 'mean' })).rejects.toMatchObject({
      message: expect.stringMatching(/table\.csv:5: the cell of column "a" is empty/),
      advice: expect.stringContaining('target'),
    })
  })

  const bytes = (text: string, ...more: number[]) => Buffer.concat([Buffer.from(text), Uint8Array.from(more)])
  test.each([
    ['no target', people, {}, 'OPTION_INVALID', '--target'],
    ['an unknown target', people, { target: 'x' }, 'OPTION_INVALID', '"x"'],
    [
      'a row that is too short',
      `${people}\n1,2`,
      { target: 'churned' },
      'DATA_INVALID',
      'table.csv:62: the row has 2 cells',
    ],
    ['a quote without a partner', `${people}\n"1,2`, { target: 'churned' }, 'DATA_INVALID', 'table.csv:62'],
    [
      'bytes that are no UTF-8',
      bytes(`${people}\n`, 0xff, 0xfe),
      { target: 'churned' },
      'DATA_INVALID',
      'table.csv:62',
    ],
    ['two columns of one name', 'a,a\n1,2', { target: 'a' }, 'DATA_INVALID', '"a"'],
    ['a column without a name', 'a,,b\n1,2,3', { target: 'a' }, 'DATA_INVALID', 'column 2'],
    ['a million columns', `${'c,'.repeat(1_000_000)}\n`, { target: 'c' }, 'DATA_TOO_LARGE', 'table.csv:1'],
    ['no rows', 'a,b\n', { target: 'b' }, 'DATA_INVALID', 'no rows'],
    ['nothing at all', '', { target: 'b' }, 'DATA_INVALID', 'empty'],
    ['a class of one row', `${people}\n1,Bern,7,q,maybe`, { target: 'churned' }, 'DATA_INVALID', '"maybe" has 1'],
    ['a target of names', people.replace('7', '8'), { target: 'name' }, 'DATA_INVALID', 'class "person 0" has 1'],
  ] as const)('with %s is refused, and what is wrong is named', async (_, content, options, code, named) => {
    await expect(table(content, options)).rejects.toMatchObject({ code, message: expect.stringContaining(named) })
  })
})
