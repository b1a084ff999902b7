import { type FormEvent, useId, useState } from 'react'
import { tokenOfPaste } from '../model/route.ts'
import { useSession } from '../session.ts'

/** Why the page cannot spend or pause yet, and the two ways to let it. */
export function Unlock({ onUnlocked }: { onUnlocked?: () => void }) {
  const session = useSession()
  const id = useId()
  const [pasted, setPasted] = useState('')
  const [wrong, setWrong] = useState(false)
  const unlock = (event: FormEvent) => {
    event.preventDefault()
    const token = tokenOfPaste(pasted)
    setWrong(token === null)
    if (token === null) return
    session.setToken(token)
    onUnlocked?.()
  }
  return (
    <form className="unlock" onSubmit={unlock}>
      <p>
        Sending, staking and pausing need the node’s token, so that no other program on this computer can spend for you.
        Open the link that the node printed when it started (it ends in <code>#token=…</code>), or paste it here. The
        token also lies in the file <code>api-token</code> in the node’s data folder.
      </p>
      <label htmlFor={id}>Link or token</label>
      <div className="field-row">
        <input
          id={id}
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={pasted}
          aria-invalid={wrong}
          aria-describedby={`${id}-wrong`}
          onChange={event => setPasted(event.target.value)}
        />
        <button type="submit">Unlock</button>
      </div>
      <p className="refused" id={`${id}-wrong`} role="status">
        {wrong && 'That is neither a token nor a link with one.'}
      </p>
    </form>
  )
}
