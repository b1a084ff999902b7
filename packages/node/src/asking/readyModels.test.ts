import { ZERO_HASH } from '@hydraai/core'
import { afterAll, expect, it } from 'vitest'
import { AskNetwork, eventually, MODEL } from './testing/world.ts'

const network = new AskNetwork({ founders: 1 })
afterAll(() => network.close())

it('a node that serves a model has it loaded before anybody asks', async () => {
  const node = await network.node(0)
  const { document, tokenizer, parameters } = node.state.models.get(MODEL)!
  const sampling = { temperaturePpm: 0, topK: 0, topPPpm: 1_000_000, seed: ZERO_HASH }
  const ids = { document, tokenizer: tokenizer!, parameters }
  const job = { ...ids, question: 'What?', mode: 'answer' as const, ...sampling, maxTokens: 4 }
  // Straight to the compute port, which loads nothing by itself.
  const generated = await eventually('the model to be loaded', () =>
    node.ports.compute.generate(job, () => {}).catch(() => undefined),
  )
  expect(generated!.tokens.length).toBeGreaterThan(0)
})
