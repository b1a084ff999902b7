import { getHeapStatistics } from 'node:v8'
import { Broken, type Target } from './target.ts'

/** An input of a target that did what it must not. */
export interface Finding {
  readonly target: string
  /** The same for inputs that hit the same fault. */
  readonly signature: string
  readonly message: string
  readonly stack: string
  readonly input: Uint8Array
}

export type Outcome = { readonly accepted: boolean } | { readonly finding: Finding }

/** Processor time that an input of a megabyte may take. */
const MAX_CPU_MS = 1_000
/** Memory outside the heap that an input of a megabyte may make the program ask for. */
const MAX_BUFFER_BYTES = 128 * 1_048_576

/** Runs one input and judges what came of it. */
export async function execute(target: Target, input: Uint8Array): Promise<Outcome> {
  const started = performance.now()
  const buffers = getHeapStatistics().external_memory
  // Node hands out its own kind of byte array as often as the plain one, and they differ in what slicing does.
  const given = input.length % 2 === 1 ? Buffer.from(input) : input.slice()
  try {
    const result = target.run(given)
    const accepted = typeof result === 'boolean' ? result : await result
    const grown = getHeapStatistics().external_memory - buffers
    if (grown > MAX_BUFFER_BYTES) throw new Broken(`it asked for ${Math.round(grown / 1_048_576)} MiB`)
    if (performance.now() - started > MAX_CPU_MS) await assertFast(target, input)
    if (Buffer.compare(given, input) !== 0) throw new Broken('it changed its input')
    return { accepted }
  } catch (error) {
    return { finding: findingOf(target.name, input, error) }
  }
}

/** The clock ran long: on a busy machine that says nothing, so the processor time of the fastest of three counts. */
async function assertFast(target: Target, input: Uint8Array): Promise<void> {
  let fastest = Number.POSITIVE_INFINITY
  for (let i = 0; i < 3; i++) {
    const before = process.threadCpuUsage()
    await target.run(input)
    const { user, system } = process.threadCpuUsage(before)
    fastest = Math.min(fastest, (user + system) / 1_000)
  }
  if (fastest > MAX_CPU_MS) throw new Broken(`it took ${Math.round(fastest)} ms for ${input.length} bytes`)
}

export function findingOf(target: string, input: Uint8Array, error: unknown): Finding {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(`threw ${String(error)}`)
  const frame = /(packages|targets)\/[^\s:)]+/.exec(stack)?.[0] ?? ''
  const signature = `${name}: ${message.replace(/\d+/g, '0').slice(0, 80)} ${frame}`
  return { target, signature, message: `${name}: ${message}`, stack, input: input.slice() }
}
