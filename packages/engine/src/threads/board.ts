// How threads share the calls of a job: a block of shared memory in which one thread posts calls that may run at the same
// time, in any order, and every thread takes one after another until none is left. So a thread that is late costs nothing
// but its help, and which thread runs a call changes no bit. Each begins with its own share of the calls, the same from job
// to job: what it has written lies in its cache when it reads it next.

/** Words that threads change while others look at them: each on a cache line of its own. */
const LINE = 16
/** How many calls the job has. */
const COUNT = 0
/** How many of them have not ended. */
const RUNNING = LINE
/** Counts the jobs, so that a sleeping thread is woken by a new one. */
const GENERATION = 2 * LINE
const SLEEPING = 3 * LINE
const STATE = 4 * LINE
/** For each call whether somebody has taken it. */
const TAKEN = 5 * LINE

/** A call: the number of the kernel, how many arguments, the arguments. */
const CALL_LENGTH = 24

/** The most calls of a job. */
export const MAX_CALLS = 128

const HEADER_BYTES = (TAKEN + MAX_CALLS) * 4

/** How the threads stand. */
export const STATE_OF_BOARD = { open: 0, taken: 1, closed: 2, failed: 3 } as const

/** How often a thread looks for what it waits for before it sleeps: about 50 µs. */
const SPINS = 20_000

/** A kernel and its arguments. */
export interface Call {
  readonly kernel: number
  readonly args: readonly number[]
}

/** The kernels by number, on this thread's instance of the module. */
export type Functions = readonly ((...args: number[]) => unknown)[]

/** Blocks the thread until the word is no longer `value` or it is woken, or some time has passed. */
export type Sleep = (words: Int32Array, index: number, value: number) => void

export class Board {
  readonly #words: Int32Array
  readonly #values: Float64Array

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer, 0, HEADER_BYTES / 4)
    this.#values = new Float64Array(buffer, HEADER_BYTES)
  }

  static buffer(): SharedArrayBuffer {
    const buffer = new SharedArrayBuffer(HEADER_BYTES + MAX_CALLS * CALL_LENGTH * 8)
    new Int32Array(buffer, TAKEN * 4, MAX_CALLS).fill(1)
    return buffer
  }

  get state(): number {
    return Atomics.load(this.#words, STATE)
  }

  /** Marks the threads as those of one engine; false where they are another's, closed or failed. */
  take(): boolean {
    return (
      Atomics.compareExchange(this.#words, STATE, STATE_OF_BOARD.open, STATE_OF_BOARD.taken) === STATE_OF_BOARD.open
    )
  }

  /** Ends the helpers' `serve` as soon as they have no call. */
  close(): void {
    Atomics.store(this.#words, STATE, STATE_OF_BOARD.closed)
    this.#announce()
  }

  fail(): void {
    Atomics.store(this.#words, STATE, STATE_OF_BOARD.failed)
    this.#announce()
    Atomics.notify(this.#words, RUNNING)
  }

  /**
   * Runs the calls, 1 to MAX_CALLS, together with the helpers; false when a helper failed or did not finish its call.
   * `functions` null: leaves all to the helpers. `threads`: how many share. `patience`: how many sleeps in turn may pass without
   * any call ending.
   */
  runAll(
    calls: readonly Call[],
    functions: Functions | null,
    threads: number,
    sleep: Sleep,
    patience: number,
  ): boolean {
    this.#post(calls)
    if (functions !== null) this.#takeTurns(functions, 0, threads)
    return this.#join(sleep, patience)
  }

  /** The life of helper `thread`, from 1 on: takes part in every job until the board is closed or has failed. */
  serve(functions: Functions, thread: number, threads: number, sleep: Sleep): void {
    for (;;) {
      const generation = Atomics.load(this.#words, GENERATION)
      if (this.state >= STATE_OF_BOARD.closed) return
      this.#takeTurns(functions, thread, threads)
      let spins = SPINS
      while (spins > 0 && Atomics.load(this.#words, GENERATION) === generation) spins--
      if (spins > 0) continue
      Atomics.add(this.#words, SLEEPING, 1)
      sleep(this.#words, GENERATION, generation)
      Atomics.sub(this.#words, SLEEPING, 1)
    }
  }

  #post(calls: readonly Call[]): void {
    if (calls.length < 1 || calls.length > MAX_CALLS) throw new RangeError(`${calls.length} calls in a job`)
    const values = this.#values
    calls.forEach(({ kernel, args }, index) => {
      const at = index * CALL_LENGTH
      if (args.length > CALL_LENGTH - 2) throw new RangeError(`${args.length} arguments`)
      values[at] = kernel
      values[at + 1] = args.length
      values.set(args, at + 2)
    })
    Atomics.store(this.#words, RUNNING, calls.length)
    Atomics.store(this.#words, COUNT, calls.length)
    // Only now can a call be taken: what stands above is seen by whoever takes one.
    for (let index = 0; index < calls.length; index++) Atomics.store(this.#words, TAKEN + index, 0)
    this.#announce()
  }

  #announce(): void {
    Atomics.add(this.#words, GENERATION, 1)
    if (Atomics.load(this.#words, SLEEPING) > 0) Atomics.notify(this.#words, GENERATION)
  }

  /** Takes calls and runs them until none is left, those of its own share first. */
  #takeTurns(functions: Functions, thread: number, threads: number): void {
    const words = this.#words
    const count = Atomics.load(words, COUNT)
    const first = Math.floor((thread * count) / threads)
    for (let turn = 0; turn < count; turn++) {
      const index = (first + turn) % count
      // Whichever job it is by now: a call of it that nobody else has taken, and its arguments stand until it has ended.
      if (Atomics.compareExchange(words, TAKEN + index, 0, 1) !== 0) continue
      try {
        this.#run(index, functions)
      } catch (cause) {
        this.fail()
        throw cause
      }
      if (Atomics.sub(words, RUNNING, 1) === 1) Atomics.notify(words, RUNNING)
    }
  }

  #run(index: number, functions: Functions): void {
    const at = index * CALL_LENGTH
    const values = this.#values
    const args = Array.from(values.subarray(at + 2, at + 2 + values[at + 1]!))
    functions[values[at]!]!(...args)
  }

  #join(sleep: Sleep, patience: number): boolean {
    const words = this.#words
    for (let spins = SPINS; spins > 0 && Atomics.load(words, RUNNING) > 0; spins--);
    let rest = patience
    let seen = -1
    for (;;) {
      const running = Atomics.load(words, RUNNING)
      if (running === 0) return true
      if (this.state >= STATE_OF_BOARD.closed) return false
      if (running !== seen) rest = patience
      else if (--rest < 0) {
        this.fail()
        return false
      }
      seen = running
      sleep(words, RUNNING, running)
    }
  }
}
