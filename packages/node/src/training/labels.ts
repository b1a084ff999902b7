import { type Address, type Evaluation, float32OfBits, type Hash, taggedHash, utf8 } from '@hydraai/core'
import type { Kind } from './kinds.ts'

const BATCHES = { images: 'Image batch', table: 'Table batch', text: 'Text batch' } as const

/** The number a person is shown for a unit's assigned samples, as in "Image batch #1,247". Names, decides nothing. */
export function unitLabel(
  id: { beacon: Hash; model: string; round: number; unit: number; trainer: Address },
  kind: Kind | null,
): string {
  const digest = taggedHash('hydra/label/1', utf8(`${id.beacon}/${id.model}/${id.round}/${id.unit}/${id.trainer}`))
  const number = Number.parseInt(digest.slice(0, 8), 16) % 10_000
  return `${kind === null ? 'Batch' : BATCHES[kind]} #${grouped(number)}`
}

/** How good a model is, for people. What predicts numbers has nothing right or wrong, only a loss. */
export function scoreText({ correct, total, lossBits }: Evaluation): string {
  const loss = `held-out loss ${float32OfBits(lossBits).toFixed(3)}`
  return correct === 0 ? loss : `${loss}, ${grouped(correct)} of ${grouped(total)} right`
}

/** 1247 → "1,247", the same in every locale. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}
