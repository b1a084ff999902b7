import { describe, expect, it } from 'vitest'
import { linkTo, routeOf, tokenOf, tokenOfPaste } from './route.ts'

const hash = 'ab'.repeat(32)

describe('the fragment', () => {
  it('opens exactly what a link names', () => {
    expect(routeOf(linkTo('block', 1247))).toEqual({ kind: 'block', id: '1247' })
    expect(routeOf(linkTo('transaction', hash))).toEqual({ kind: 'transaction', id: hash })
    expect(routeOf(linkTo('account', `0x${'aB'.repeat(20)}`))?.kind).toBe('account')
    const update = `mnist-cnn/14/0x${'aB'.repeat(20)}/3`
    expect(routeOf(linkTo('update', update))).toEqual({ kind: 'update', id: update })
  })

  it('opens nothing for what is no height, hash or address', () => {
    for (const text of [
      '',
      '#',
      '#main',
      '#/block/../status',
      '#/block/1?x',
      '#/peer/1',
      `#/transaction/${hash}0`,
      '#/update/m/1/0x/2',
    ]) {
      expect(routeOf(text), text).toBeNull()
    }
  })

  it('gives its token, alone or among others, and only one that a header can carry', () => {
    expect(tokenOf('#token=abcd-1234_~x')).toBe('abcd-1234_~x')
    expect(tokenOf('#a=1&token=abcd1234')).toBe('abcd1234')
    for (const text of ['#token=', '#token=short', '#token=has%20blank', '#token=line%0Abreak', '#/block/1']) {
      expect(tokenOf(text), text).toBeNull()
    }
  })

  it('is read from a pasted link, a pasted fragment, or a pasted token', () => {
    for (const text of ['http://127.0.0.1:8777/#token=abcd1234', 'token=abcd1234', ' abcd1234\n']) {
      expect(tokenOfPaste(text), text).toBe('abcd1234')
    }
    expect(tokenOfPaste('http://127.0.0.1:8777/')).toBeNull()
  })
})
