import { describe, expect, it } from 'vitest'
import {
  areInk,
  changedAnswers,
  confidencesOf,
  countRight,
  DIGIT,
  imageShapeOf,
  labelsOf,
  likeliest,
  pixelsOf,
  rgbaOf,
} from './images.ts'

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

describe('images', () => {
  it('have the shape that the document tells, or the square that the bytes fill, or are not drawn', () => {
    expect(imageShapeOf([3, 2, 4], 24)).toEqual({ channels: 3, height: 2, width: 4 })
    expect(imageShapeOf([1, 28, 28], 783)).toBeNull()
    expect(imageShapeOf([2, 28, 28], 1568)).toBeNull()
    expect(imageShapeOf([], 784)).toEqual(DIGIT)
    expect(imageShapeOf([3072], 3072)).toEqual({ channels: 3, height: 32, width: 32 })
    expect(imageShapeOf([], 783)).toBeNull()
    expect(imageShapeOf([1, 4096, 4096], 4096 * 4096)).toBeNull()
  })

  it('of ink are drawn byte for byte as opacity, so that the colours of the page show through', () => {
    const bytes = Uint8Array.from({ length: 784 }, (_, at) => at % 256)
    expect(pixelsOf(base64(bytes))).toEqual(bytes)
    expect(rgbaOf(bytes, DIGIT, true).filter((_, at) => at % 4 === 3)).toEqual(Uint8ClampedArray.from(bytes))
    expect(pixelsOf('not base64!')).toBeNull()
    expect(pixelsOf('A'.repeat(300_000))).toBeNull()
  })

  it('of colours come channel by channel, and of grey are grey', () => {
    const shape = { channels: 3, height: 1, width: 2 } as const
    expect([...rgbaOf(Uint8Array.of(1, 2, 3, 4, 5, 6), shape, false)]).toEqual([1, 3, 5, 255, 2, 4, 6, 255])
    expect([...rgbaOf(Uint8Array.of(7, 8), { ...shape, channels: 1 }, false)]).toEqual([7, 7, 7, 255, 8, 8, 8, 255])
  })

  it('are ink when their edges are paper', () => {
    const shape = { channels: 1, height: 4, width: 4 } as const
    const digit = Uint8Array.from({ length: 16 }, (_, at) => ([5, 6, 9, 10].includes(at) ? 255 : 0))
    expect(areInk([digit], shape)).toBe(true)
    expect(areInk([new Uint8Array(16).fill(120)], shape)).toBe(false)
    expect(areInk([], shape)).toBe(false)
  })
})

describe('what the model says of them', () => {
  it('is right only when it says the label', () => {
    const said = (label: number, predicted: number) => ({ index: 0, label, predicted })
    expect(countRight([said(1, 1), said(2, 3), said(4, 4)])).toBe(2)
  })

  it('is told against the version before', () => {
    const said = (index: number, predicted: number) => ({ index, label: 0, predicted })
    expect([...changedAnswers([said(1, 4), said(2, 2)], [said(1, 5), said(2, 2), said(3, 9)])]).toEqual([[1, 4]])
  })

  it('has the names of the classes, or digits', () => {
    expect(labelsOf([])).toMatchObject({ thing: 'digit' })
    expect(labelsOf(['0', '1']).thing).toBe('digit')
    const flowers = labelsOf(['rose', 'tulip'])
    expect([flowers.thing, flowers.nameOf(1), flowers.nameOf(7)]).toEqual(['image', 'tulip', '7'])
  })

  it('has confidences that are shares of one, or none', () => {
    const ten = Array.from({ length: 10 }, () => 0.1)
    expect(confidencesOf(ten)).toBe(ten)
    expect(confidencesOf([])).toBeNull()
    expect(confidencesOf([...ten.slice(1), 7])).toBeNull()
    expect(likeliest([0.1, 0.6, 0.1, 0.2], 3)).toEqual([
      { label: 1, share: 0.6 },
      { label: 3, share: 0.2 },
      { label: 0, share: 0.1 },
    ])
  })
})
