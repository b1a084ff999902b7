import { phraseTable } from '../wallet/phrase.ts'
import type { ModelVersion, ReadyNode, Reporter, Standing } from './reporter.ts'
import { Terminal } from './terminal.ts'

const ORIGINS: Readonly<Record<string, string>> = { folder: 'known since the first start', founded: 'founded here' }
const BAR_WIDTH = 24
/** Elsewhere than on a terminal the standing is a line of its own, this often. */
const PLAIN_STANDING_MS = 30_000

/** For people: one line a fact, and on a terminal a live last line. */
export class TextReporter implements Reporter {
  readonly #terminal = new Terminal()
  #plainStandingAt = 0
  #peers = 0
  #inStep = false

  walletWritten({ file, address, how, phrase }: Parameters<Reporter['walletWritten']>[0]): void {
    const t = this.#terminal
    t.fact('wallet', `${how}: ${file}`)
    t.fact('address', t.colors.bold(address))
    if (phrase === undefined) return
    t.line()
    t.line('  Recovery phrase, shown this once; it alone brings the wallet back:')
    for (const row of phraseTable(phrase).split('\n')) t.line(`    ${row}`)
    t.line()
  }

  walletExported({ to }: Parameters<Reporter['walletExported']>[0]): void {
    this.#terminal.fact('wallet', `exported to ${to}; it opens with the same password`)
  }

  passwordChanged({ file }: Parameters<Reporter['passwordChanged']>[0]): void {
    this.#terminal.fact('wallet', `password changed: ${file}; earlier copies still open with the old one`)
  }

  starting({ name, address, dataDir }: Parameters<Reporter['starting']>[0]): void {
    const t = this.#terminal
    t.line()
    t.line(`${t.colors.bold('HydraAI')}  ${name}`)
    t.fact('address', address)
    t.fact('folder', dataDir)
  }

  looking(): void {
    this.#terminal.status(this.#terminal.colors.dim('looking for a network …'))
  }

  founding(): void {
    this.#terminal.status(this.#terminal.colors.dim('founding a network: measuring the untrained model …'))
  }

  genesis({ hash, chainId, from }: Parameters<Reporter['genesis']>[0]): void {
    this.#terminal.status('')
    this.#terminal.fact('network', `${chainId}, ${ORIGINS[from] ?? `from ${from}`}`)
    this.#terminal.fact('genesis', hash)
  }

  ready({ addresses, api, token, height, announcesPage }: ReadyNode): void {
    const t = this.#terminal
    t.status('')
    t.fact('listening', addresses[0] ?? 'nowhere')
    for (const address of addresses.slice(1)) t.fact('', address)
    // The token spends: it is shown to a person, never written where a program's output is kept.
    if (api && announcesPage) t.fact('page', t.colors.cyan(t.live && token ? `${api}/#token=${token}` : api))
    t.fact('height', String(height))
    t.fact('stop', 'Ctrl-C; the next start goes on from here')
    t.line()
  }

  model({ model, version, accuracy, loss, updates }: ModelVersion): void {
    const t = this.#terminal
    const filled = Math.round(accuracy * BAR_WIDTH)
    const bar = t.colors.green('█'.repeat(filled)) + t.colors.dim('░'.repeat(BAR_WIDTH - filled))
    const share = t.colors.bold(`${(accuracy * 100).toFixed(1)} %`.padStart(7))
    const from = updates > 0 ? `  from ${updates} update${updates === 1 ? '' : 's'}` : ''
    this.#dated(`${model} version ${String(version).padStart(3)}  ${bar} ${share}  loss ${loss.toFixed(3)}${from}`)
  }

  /** Blocks are on the live line; one line each would bury everything else. */
  block(): void {}

  activity({ kind, text }: Parameters<Reporter['activity']>[0]): void {
    const { colors } = this.#terminal
    if (kind === 'WARN') this.#dated(colors.yellow(text))
    else if (kind === 'SUCCESS') this.#dated(colors.green(text))
    else if (kind !== 'BLOCK' && !/ is now version /.test(text)) this.#dated(text)
  }

  standing(standing: Standing): void {
    const t = this.#terminal
    this.#tellChanges(standing)
    const { height, peers, balance, doing } = standing
    const text = `block ${height}  ${peers} peer${peers === 1 ? '' : 's'}  ${balance} HYDRA  ${doing}`
    if (t.live) t.status(t.colors.dim(text))
    else if (Date.now() - this.#plainStandingAt >= PLAIN_STANDING_MS) {
      this.#plainStandingAt = Date.now()
      this.#dated(text)
    }
  }

  stopping(): void {
    this.#terminal.status('')
    this.#terminal.line(this.#terminal.colors.dim('stopping … (Ctrl-C again ends it at once)'))
  }

  stopped(): void {
    this.#terminal.status('')
    this.#terminal.line('stopped')
  }

  chainProgress({ doing, height, done, total, seconds }: Parameters<Reporter['chainProgress']>[0]): void {
    const left = done > 0 ? Math.ceil((seconds / done) * (total - height)) : null
    const eta = left === null ? '' : `, about ${left} s left`
    const text = `${doing}ing block ${height} of ${total}${eta}`
    if (this.#terminal.live) this.#terminal.status(this.#terminal.colors.dim(text))
    else this.#terminal.line(text)
  }

  chainExported({ file, height, bytes }: Parameters<Reporter['chainExported']>[0]): void {
    this.#terminal.status('')
    this.#terminal.fact('exported', `${height} blocks, ${bytes} bytes: ${file}`)
  }

  chainImported({ height, added, genesis }: Parameters<Reporter['chainImported']>[0]): void {
    this.#terminal.status('')
    this.#terminal.fact('imported', `${added} blocks, every one checked; the chain now has ${height}`)
    this.#terminal.fact('genesis', genesis)
  }

  clear(): void {
    this.#terminal.status('')
  }

  log(line: string): void {
    this.#terminal.aside(line)
  }

  #tellChanges({ peers, synced, height }: Standing): void {
    const { colors } = this.#terminal
    if (peers > 0 && peers !== this.#peers)
      this.#dated(`${colors.green('✓')} connected to ${peers} peer${peers === 1 ? '' : 's'}`)
    else if (peers === 0 && this.#peers > 0) this.#dated(colors.yellow('lost the last peer; looking for others'))
    const inStep = synced && peers > 0
    if (inStep && !this.#inStep) this.#dated(`${colors.green('✓')} in step with the network at block ${height}`)
    this.#peers = peers
    this.#inStep = inStep
  }

  #dated(text: string): void {
    this.#terminal.line(`${this.#terminal.colors.dim(clockTime(new Date()))}  ${text}`)
  }
}

/** The same in every locale. */
function clockTime(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(part => String(part).padStart(2, '0')).join(':')
}
