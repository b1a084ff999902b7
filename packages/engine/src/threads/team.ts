import { HydraError } from '@hydraai/core'
import type { Kernels } from '../wasm.ts'
import { Board, type Call, type Functions, STATE_OF_BOARD } from './board.ts'
import type { Crew } from './crew.ts'
import { functionsOf, SHARED_KERNELS, type SharedKernel } from './sharedKernels.ts'

/** Seconds without any call ending after which a helper is given up. */
const PATIENCE = 60

const NUMBERS = new Map(SHARED_KERNELS.map((name, number) => [name, number]))

/** A call of a kernel with all of its arguments, those that name a part of the result included. */
export function call(kernel: SharedKernel, args: readonly number[]): Call {
  return { kernel: NUMBERS.get(kernel)!, args }
}

/** A crew at work for one engine. */
export class Team {
  readonly size: number
  readonly #crew: Crew
  readonly #board: Board
  readonly #functions: Functions
  readonly #helpersOnly: boolean

  /** `helpersOnly`: the calling thread takes no part, so that tests know who does. @throws HydraError ENGINE_THREADS when the crew works for another engine, or not at all */
  constructor(crew: Crew, kernels: Kernels, helpersOnly: boolean) {
    this.#helpersOnly = helpersOnly
    this.size = crew.size
    this.#crew = crew
    this.#board = new Board(crew.board)
    this.#functions = functionsOf(kernels)
    this.#check()
    if (!this.#board.take()) {
      throw failed('these threads work for another engine already', 'Start a crew for each engine.')
    }
  }

  /**
   * Runs calls that may run at the same time; returns when all have ended.
   * @throws HydraError ENGINE_THREADS when the crew was closed or a helper was lost: what the calls were to write is undefined
   */
  run(calls: readonly Call[]): void {
    this.#check()
    const [first, second] = calls
    if (first === undefined) return
    if (second === undefined) {
      this.#functions[first.kernel]!(...first.args)
      return
    }
    const sleep = this.#crew.sleep.bind(this.#crew)
    const own = this.#helpersOnly ? null : this.#functions
    if (!this.#board.runAll(calls, own, this.size, sleep, PATIENCE)) this.#check()
  }

  #check(): void {
    const { failure } = this.#crew
    if (failure !== null) throw failed(`a helper thread was lost: ${failure}`)
    if (this.#board.state === STATE_OF_BOARD.closed) throw failed('the threads were closed')
    if (this.#board.state === STATE_OF_BOARD.failed) throw failed('a helper thread failed or did not answer')
  }
}

function failed(
  problem: string,
  advice = 'Start new threads, or go on with one: createEngine(wasm) without a crew.',
): HydraError {
  return new HydraError('ENGINE_THREADS', problem, { advice })
}
