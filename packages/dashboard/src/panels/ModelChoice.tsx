import { rememberChoice, shownModel } from '../model/choice.ts'
import { useSlice, useStore } from '../store.ts'

/** More than these stand in a list instead of side by side. */
const MAX_SEGMENTS = 4

/** Which model the page shows. The choice is remembered, and changes nothing at the node. */
export function ModelChoice() {
  const models = useSlice(state => state.models) ?? []
  const shown = useSlice(shownModel)
  const store = useStore()
  if (shown === undefined) return null
  const choose = (model: string) => {
    rememberChoice(model)
    store.dispatch({ type: 'choose', model })
  }
  if (models.length === 1) return <span className="mono">{shown.id}</span>
  if (models.length > MAX_SEGMENTS) {
    return (
      <label>
        <span className="for-readers">Model</span>
        <select value={shown.id} onChange={event => choose(event.target.value)}>
          {models.map(({ id }) => (
            <option key={id}>{id}</option>
          ))}
        </select>
      </label>
    )
  }
  return (
    <fieldset className="segments">
      <legend className="for-readers">Model</legend>
      {models.map(({ id }) => (
        <label key={id} className="mono">
          <input type="radio" name="model" value={id} checked={id === shown.id} onChange={() => choose(id)} />
          <span>{id}</span>
        </label>
      ))}
    </fieldset>
  )
}
