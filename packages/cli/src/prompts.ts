import { type CANCEL_SYMBOL, confirm, isCancel, note, password, text } from '@clack/prompts'
import { HydraError } from '@hydraai/core'

/** Questions go to stderr: stdout is for what the program has to say. */
const output = process.stderr
// A terminal that does not say how wide it is would have its questions broken after every letter.
if (output.isTTY && !output.columns) Object.assign(output, { columns: 80, rows: 24 })

export function askPassword(message: string): Promise<string> {
  return answered(password({ message, output, validate: value => (value ? undefined : 'Type the password.') }))
}

const MIN_PASSWORD_LENGTH = 8

/** Asked twice, hidden. */
export async function askNewPassword(message: string): Promise<string> {
  const first = await answered(
    password({
      message,
      output,
      validate: value =>
        (value ?? '').length < MIN_PASSWORD_LENGTH ? `At least ${MIN_PASSWORD_LENGTH} characters.` : undefined,
    }),
  )
  await answered(
    password({
      message: 'The same password once more',
      output,
      validate: value => (value === first ? undefined : 'That is not the same password.'),
    }),
  )
  return first
}

export function askText(message: string, validate: (value: string) => string | undefined): Promise<string> {
  return answered(text({ message, output, validate: value => validate(value ?? '') }))
}

export function askYesNo(message: string, initialValue: boolean): Promise<boolean> {
  return answered(confirm({ message, output, initialValue }))
}

export function showNote(body: string, title: string): void {
  note(body, title, { output })
}

/** Throws CANCELLED when the person left the question with Ctrl-C. */
async function answered<T>(question: Promise<T | typeof CANCEL_SYMBOL>): Promise<T> {
  const answer = await question
  if (isCancel(answer)) throw new HydraError('CANCELLED', 'Cancelled.')
  return answer as T
}
