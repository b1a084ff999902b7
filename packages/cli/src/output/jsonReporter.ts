import type { ReadyNode, Reporter } from './reporter.ts'

/** One JSON object a line on stdout. Never a token or a password. */
export class JsonReporter implements Reporter {
  walletWritten({ how, ...wallet }: Parameters<Reporter['walletWritten']>[0]): void {
    print({ event: 'wallet', action: how, ...wallet })
  }

  walletExported(wallet: Parameters<Reporter['walletExported']>[0]): void {
    print({ event: 'wallet', action: 'exported', ...wallet })
  }

  passwordChanged(wallet: Parameters<Reporter['passwordChanged']>[0]): void {
    print({ event: 'wallet', action: 'password-changed', ...wallet })
  }

  starting(node: Parameters<Reporter['starting']>[0]): void {
    print({ event: 'starting', ...node })
  }

  looking(): void {}

  founding(): void {}

  genesis(network: Parameters<Reporter['genesis']>[0]): void {
    print({ event: 'genesis', ...network })
  }

  ready({ token: _token, announcesPage: _announcesPage, ...node }: ReadyNode): void {
    print({ event: 'ready', ...node })
  }

  model(version: Parameters<Reporter['model']>[0]): void {
    print({ event: 'model', ...version })
  }

  block(block: Parameters<Reporter['block']>[0]): void {
    print({ event: 'block', ...block })
  }

  activity(entry: Parameters<Reporter['activity']>[0]): void {
    print({ event: 'activity', ...entry })
  }

  standing(): void {}

  stopping(): void {}

  stopped(): void {
    print({ event: 'stopped' })
  }

  chainProgress({ seconds: _seconds, done: _done, ...progress }: Parameters<Reporter['chainProgress']>[0]): void {
    print({ event: 'progress', ...progress })
  }

  chainExported(chain: Parameters<Reporter['chainExported']>[0]): void {
    print({ event: 'exported', ...chain })
  }

  chainImported(chain: Parameters<Reporter['chainImported']>[0]): void {
    print({ event: 'imported', ...chain })
  }

  clear(): void {}

  log(line: string): void {
    process.stderr.write(`${line}\n`)
  }
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
