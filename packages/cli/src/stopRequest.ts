import { ExitCode } from './exit.ts'

/**
 * Ctrl-C (or SIGTERM) once asks the command to end well, twice ends it now. A process that was started with a channel to
 * its parent is also asked when the parent is gone: a local network does not outlive its launcher.
 */
export class StopRequest {
  readonly #controller = new AbortController()
  readonly #onSignal = () => {
    if (this.#controller.signal.aborted) process.exit(ExitCode.interrupted)
    this.#controller.abort()
  }

  constructor() {
    process.on('SIGINT', this.#onSignal)
    process.on('SIGTERM', this.#onSignal)
    process.on('disconnect', this.#onSignal)
    // The channel says only when it breaks; it does not keep the process alive.
    process.channel?.unref()
  }

  get asked(): AbortSignal {
    return this.#controller.signal
  }

  release(): void {
    process.off('SIGINT', this.#onSignal)
    process.off('SIGTERM', this.#onSignal)
    process.off('disconnect', this.#onSignal)
  }
}
