import pc from 'picocolors'
import type { Member } from './members.ts'
import type { ModelRow, NodeStatus } from './nodeApi.ts'
import type { Summary } from './summary.ts'
import type { Usage } from './usage.ts'

/** How the launcher tells what happens: JSON lines for machines, a calm page of facts for people. */
export interface Presenter {
  starting(network: { members: readonly Member[]; folder: string; resumed: boolean }): void
  ready(page: { url: string; token: string }): void
  model(version: {
    model: string
    version: number
    accuracy: number
    loss: number
    height: number
    seconds: number
  }): void
  block(block: { height: number; hash: string; seconds: number }): void
  progress(view: Progress): void
  nodeExited(name: string, exit: { reason: string; restarting: boolean }): void
  /** What a node said of itself, in its own words. */
  passOn(name: string, event: Readonly<Record<string, unknown>>): void
  usage(usage: Usage): void
  stopping(): void
  finished(summary: Summary, goal: number | undefined): void
}

export interface Progress {
  readonly seconds: number
  readonly statuses: readonly (NodeStatus | null)[]
  readonly models: readonly ModelRow[]
  readonly balances: readonly string[]
}

export class JsonPresenter implements Presenter {
  starting({ members, folder, resumed }: Parameters<Presenter['starting']>[0]): void {
    print({ event: 'starting', nodes: members.map(({ name }) => name), folder, resumed })
  }

  ready({ url }: { url: string }): void {
    print({ event: 'ready', page: url })
  }

  model(version: Parameters<Presenter['model']>[0]): void {
    print({ event: 'model', ...version })
  }

  block(block: Parameters<Presenter['block']>[0]): void {
    print({ event: 'block', ...block })
  }

  progress(): void {}

  nodeExited(name: string, exit: { reason: string; restarting: boolean }): void {
    print({ event: 'exit', node: name, ...exit })
  }

  passOn(name: string, event: Readonly<Record<string, unknown>>): void {
    // Each node tells of every block; the launcher's own line tells it once.
    if (event.event === 'activity' && event.kind !== 'BLOCK') print({ ...event, node: name })
  }

  usage(usage: Usage): void {
    print({ event: 'usage', ...usage })
  }

  stopping(): void {
    print({ event: 'stopping' })
  }

  finished(summary: Summary): void {
    print(summary)
  }
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

const BAR_WIDTH = 24
const NAME_WIDTH = 10

/** For people. On a terminal the last line is kept up to date in place; elsewhere every line is a fact that stays. */
export class TextPresenter implements Presenter {
  readonly #live = process.stdout.isTTY === true
  readonly #colors = pc.createColors(this.#live && pc.isColorSupported)
  #status = ''
  #lastPlainProgress = 0

  starting({ members, folder, resumed }: Parameters<Presenter['starting']>[0]): void {
    const names = members.map(({ name }) => name).join(', ')
    const c = this.#colors
    this.#line('')
    this.#line(`${c.bold('HydraAI')}  a local network of ${members.length} nodes: ${names}`)
    this.#fact(resumed ? 'resuming' : 'founded', folder)
  }

  ready({ url, token }: { url: string; token: string }): void {
    // The token spends: it is shown to a person, never written where a program's output is kept.
    this.#fact('page', this.#colors.cyan(this.#live ? `${url}/#token=${token}` : url))
    this.#fact('stop', 'Ctrl-C; the next start resumes here')
    this.#line('')
  }

  model({ model, version, accuracy, loss, seconds }: Parameters<Presenter['model']>[0]): void {
    const c = this.#colors
    const filled = Math.round(accuracy * BAR_WIDTH)
    const bar = c.green('█'.repeat(filled)) + c.dim('░'.repeat(BAR_WIDTH - filled))
    const share = `${(accuracy * 100).toFixed(1)} %`.padStart(7)
    this.#line(
      `${clock(seconds)}  ${model.padEnd(NAME_WIDTH)} ${String(version).padStart(4)}  ${bar} ${c.bold(share)}  loss ${loss.toFixed(3)}`,
    )
  }

  block(): void {}

  progress(view: Progress): void {
    const text = this.#describe(view)
    if (this.#live) {
      this.#status = text
      this.#redraw()
    } else if (view.seconds - this.#lastPlainProgress >= 30) {
      this.#lastPlainProgress = view.seconds
      this.#line(text)
    }
  }

  nodeExited(name: string, { reason, restarting }: { reason: string; restarting: boolean }): void {
    const then = restarting ? 'starting it again' : 'giving up on it; its log is node.log in its folder'
    this.#line(this.#colors.yellow(`${name} ended (${reason}); ${then}`))
  }

  passOn(name: string, event: Readonly<Record<string, unknown>>): void {
    if (event.event === 'activity' && event.kind === 'WARN') this.#line(this.#colors.yellow(`${name}: ${event.text}`))
  }

  usage({ verificationShare, trainingShare, bytesSentPerUnit, unitsTrained }: Usage): void {
    const share = `${(verificationShare * 100).toFixed(0)} % of CPU time`
    this.#status = ''
    this.#line('')
    this.#fact('units', `${unitsTrained} trained, ${Math.round(bytesSentPerUnit / 1000)} kB sent for each`)
    this.#fact('training', `${(trainingShare * 100).toFixed(0)} % of the time in which there was something to train`)
    this.#fact('checking', `${share} went into verification`)
  }

  stopping(): void {
    this.#line(this.#colors.dim('stopping the nodes … (Ctrl-C again ends them at once)'))
  }

  finished(summary: Summary, goal: number | undefined): void {
    this.#status = ''
    const c = this.#colors
    this.#line('')
    const share = `${(summary.accuracy * 100).toFixed(1)} %`
    if (goal !== undefined)
      this.#line(
        summary.reached
          ? c.green(`${summary.model} reached ${share} of what is held out in ${summary.seconds} s`)
          : c.yellow(`not reached: ${summary.model} has ${share} of what is held out after ${summary.seconds} s`),
      )
    else this.#line(`ran for ${summary.seconds} s`)
    this.#fact('height', String(summary.height))
    for (const { id, version, accuracy, loss } of summary.models)
      this.#fact(id, `version ${version}, ${(accuracy * 100).toFixed(1)} % right, loss ${loss.toFixed(3)}`)
    this.#fact('supply', `${summary.supply} HYDRA`)
    for (const node of summary.nodes) {
      const models = Object.entries(node.modelHashes).map(([id, hash]) => `${id} ${hash.slice(0, 8)}`)
      const hashes = `block ${node.blockHash.slice(0, 8)}  ${models.join('  ')}`
      this.#fact(
        node.name,
        `${node.balance.padStart(12)} HYDRA  ${String(node.unitsVerified).padStart(4)} units  ${hashes}`,
      )
    }
  }

  #describe({ seconds, statuses, models, balances }: Progress): string {
    const c = this.#colors
    const up = statuses.filter(status => status !== null)
    const height = Math.max(0, ...up.map(status => status.chain.height))
    const rounds = models.map(model => `${model.id} ${roundText(model)}`)
    const phase = rounds.join(' · ') || 'starting'
    const money = balances.length > 0 ? `  HYDRA ${balances.join(' · ')}` : ''
    return c.dim(`${clock(seconds)}  block ${height}  ${up.length}/${statuses.length} nodes  ${phase}${money}`)
  }

  #fact(name: string, value: string): void {
    this.#line(`  ${this.#colors.dim(name.padEnd(9))} ${value}`)
  }

  #line(text: string): void {
    if (!this.#live) {
      process.stdout.write(`${text}\n`)
      return
    }
    process.stdout.write(`\r\x1b[2K${text}\n`)
    this.#redraw()
  }

  /** The status line never wraps: a wrapped line could not be taken back. */
  #redraw(): void {
    if (!this.#status) return
    const width = (process.stdout.columns ?? 80) - 1
    process.stdout.write(`\r\x1b[2K${clip(this.#status, width)}`)
  }
}

const PHASE_WORDS: Readonly<Record<string, string>> = {
  work: 'training',
  reveal: 'revealing updates',
  base: 'summing up',
  verify: 'checking each other’s work',
  disclose: 'opening claims',
  aggregate: 'merging updates',
}

/** The round at work, and the one that is being checked meanwhile. */
function roundText({ round, phase, settling }: ModelRow): string {
  const words = (number: number, phase: string) => `round ${number} ${PHASE_WORDS[phase] ?? phase}`
  return settling === null ? words(round, phase) : `${words(round, phase)}, ${words(settling.round, settling.phase)}`
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  return `${String(Math.floor(whole / 60)).padStart(3)}:${String(whole % 60).padStart(2, '0')}`
}

/** Cuts to `width` visible characters; colour codes take none. */
function clip(text: string, width: number): string {
  let seen = 0
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what a colour code begins with
  return text.replace(/\x1b\[[0-9;]*m|./gu, part => (part.length > 2 ? part : seen++ < width ? part : ''))
}
