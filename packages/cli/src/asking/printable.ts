/** Control characters but tab and line feed: on a terminal they could move the cursor, rename the window, or worse. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** What strangers wrote, fit for a terminal: a model may say anything, and a peer may call itself anything. */
export function printable(text: string): string {
  return text.replace(CONTROLS, '\ufffd')
}
