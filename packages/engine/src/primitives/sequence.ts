import { addressesOf, type GraphContext, type Primitive } from '../graph/node.ts'
import { Slot, type Tensor } from '../graph/tensor.ts'
import { attentionRoom, productsRoom } from '../rooms.ts'
import type { ParameterTensor } from '../shapes.ts'

/** tokens [context] become table[token] + positions[place]. `tied`: the output head writes the table's gradient first. */
export function embedding(context: GraphContext, tokens: Slot, table: ParameterTensor, tied: boolean): Primitive {
  const { kernels, batch } = context
  const positionTensor = context.take()
  const [places, width] = [positionTensor.shape[0]!, positionTensor.shape[1]!]
  const weight = addressesOf(context, table)
  const positions = addressesOf(context, positionTensor)
  const output: Tensor = {
    slot: new Slot(batch * places * width * 4),
    elements: places * width,
    trained: true,
    free: true,
  }
  return {
    kind: 'primitive',
    input: null,
    output,
    gradient: 'fresh',
    keeps: [tokens],
    forwardScratch: [tokens],
    backwardScratch: [],
    forward({ count }) {
      const to = output.slot.address
      kernels.embedding(tokens.address, weight.value(), positions.value(), to, count * places, places, width)
    },
    backward(dy) {
      if (!tied) kernels.clear(weight.gradient(), table.shape[0]! * width)
      kernels.clear(positions.gradient(), places * width)
      kernels.embeddingBackward(
        tokens.address,
        dy,
        weight.gradient(),
        positions.gradient(),
        batch * places,
        places,
        width,
      )
    },
  }
}

/** Causal attention over queries, keys and values [places, 3 · heads · size], side by side. */
export function attention(context: GraphContext, input: Tensor, places: number, heads: number): Primitive {
  const { kernels, batch, threads } = context
  const elements = input.elements / 3
  const size = elements / places / heads
  const output: Tensor = { slot: new Slot(batch * elements * 4), elements, trained: input.trained, free: true }
  const weights = new Slot(batch * heads * places * places * 4)
  const panel = (): Slot => new Slot(threads * attentionRoom(places, size))
  const forwardScratch = [panel(), panel()] as const
  const backwardScratch = [panel(), panel(), new Slot(threads * productsRoom(places))] as const
  const scale = 1 / Math.sqrt(size)
  return {
    kind: 'primitive',
    input,
    output,
    gradient: 'fresh',
    keeps: [input.slot, weights],
    forwardScratch: [...forwardScratch, weights],
    backwardScratch,
    forward({ count }) {
      const [a, b] = forwardScratch
      const [from, to] = [input.slot.address, output.slot.address]
      kernels.attention(from, weights.address, to, count, places, heads, size, scale, a.address, b.address)
    },
    backward(dy, dx) {
      if (dx === 0) return
      const [a, b, products] = backwardScratch
      kernels.attentionBackward(
        input.slot.address,
        weights.address,
        dy,
        dx,
        batch,
        places,
        heads,
        size,
        scale,
        products.address,
        a.address,
        b.address,
      )
    },
  }
}
