import { parseAddress } from '@hydraai/core'
import { type Route, route } from '../http/route.ts'
import * as shapes from '../http/schemas.ts'
import { accountProof, eventProof, lightAnswer } from '../views/proofs.ts'
import { refusePruned } from './pruned.ts'
import type { RouteParts } from './routes.ts'

const { requests } = shapes

/** What somebody who trusts this node with nothing can check: see the light client of the ledger package. */
export function proofRoutes({ node, blocks }: RouteParts): Route[] {
  return [
    route('GET', '/api/light/:height', {
      summary: 'A block as a light client checks it: header, commit, its committee and the next one',
      params: requests.height,
      query: requests.nothing,
      answer: shapes.light,
      handle: ({ params }) => {
        refusePruned(node, Number(params.height))
        return lightAnswer(node, Number(params.height))
      },
    }),
    route('GET', '/api/proof/account/:address', {
      summary: 'Proof of an account, or that there is none, under the newest header',
      params: requests.address,
      query: requests.nothing,
      answer: shapes.accountProof,
      handle: ({ params }) => accountProof(node, parseAddress(params.address)),
    }),
    route('GET', '/api/proof/reward/:height/:index', {
      summary:
        'Proof of one event of a block, such as a reward, under its header; counted from 0 as the block lists them',
      params: requests.event,
      query: requests.nothing,
      answer: shapes.eventProof,
      handle: async ({ params }) => {
        refusePruned(node, Number(params.height))
        const stored = await blocks.at(Number(params.height))
        return stored && eventProof(node, stored, Number(params.index))
      },
    }),
  ]
}
