import { median, normOf, squaredDistance } from './norms.ts'

/**
 * From zero, `iterations` times: the mean of how far `updates`, each `[count]`, at least one, lie from where it stands, each
 * way cut at a radius, is added to where it stands (Karimireddy et al. 2021, algorithm 2). The radius is a share of the
 * median of their norms. However far one of n lies away, it moves the result by no more than iterations × radius / n.
 */
export function centredClipping(
  updates: readonly Float32Array[],
  { iterations, radiusPpm }: { readonly iterations: number; readonly radiusPpm: number },
): Float32Array {
  const n = updates.length
  const radius = (median(updates.map(normOf)) * radiusPpm) / 1e6
  const centre = new Float32Array(updates[0]!.length)
  for (let iteration = 0; iteration < iterations; iteration++) {
    const factors = updates.map(update => {
      const distance = Math.sqrt(squaredDistance(update, centre))
      return distance > radius ? radius / distance : 1
    })
    for (let i = 0; i < centre.length; i++) {
      let way = 0
      for (let u = 0; u < n; u++) way += factors[u]! * (updates[u]![i]! - centre[i]!)
      centre[i] = centre[i]! + way / n
    }
  }
  return centre
}
