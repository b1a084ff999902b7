import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import { rememberedChoice } from './model/choice.ts'
import { initialState } from './model/state.ts'
import { SessionContext, startSession } from './session.ts'
import { createStore, StoreContext } from './store.ts'
import './styles/base.css'
import './styles/layout.css'
import './styles/parts.css'
import './styles/panels.css'
import './styles/asking.css'
import './styles/drawer.css'

const store = createStore({ ...initialState, chosen: rememberedChoice() })
const session = startSession(store)
const host = document.getElementById('root')
if (host) {
  createRoot(host).render(
    <StrictMode>
      <StoreContext value={store}>
        <SessionContext value={session}>
          <App />
        </SessionContext>
      </StoreContext>
    </StrictMode>,
  )
}
