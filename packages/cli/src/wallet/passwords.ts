import { HydraError } from '@hydraai/core'
import { isInteractive, newPasswordFromEnvironment, passwordFromEnvironment } from '../environment.ts'
import { askNewPassword, askPassword } from '../prompts.ts'

/** The password of a wallet that exists. Throws PASSWORD_NEEDED where nobody can be asked. */
export async function existingPassword(of: string): Promise<string> {
  const given = passwordFromEnvironment()
  if (given !== undefined) return given
  if (!isInteractive()) throw needed('HYDRA_PASSWORD')
  return askPassword(`Password of the wallet of ${of}`)
}

/** The password for a new wallet. Throws PASSWORD_NEEDED. */
export async function firstPassword(): Promise<string> {
  const given = passwordFromEnvironment()
  if (given !== undefined) return given
  if (!isInteractive()) throw needed('HYDRA_PASSWORD')
  return askNewPassword('A password for your wallet')
}

/** The password to change to. Throws PASSWORD_NEEDED. */
export async function replacementPassword(): Promise<string> {
  const given = newPasswordFromEnvironment()
  if (given !== undefined) return given
  if (!isInteractive()) throw needed('HYDRA_NEW_PASSWORD')
  return askNewPassword('The new password')
}

function needed(variable: string): HydraError {
  return new HydraError('PASSWORD_NEEDED', 'A password is needed, and there is no terminal to ask on.', {
    advice: `Run it on a terminal, or set ${variable}.`,
  })
}
