import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import { SessionContext, startSession } from './session.ts'
import { createStore, StoreContext } from './store.ts'
import './styles/base.css'
import './styles/layout.css'
import './styles/parts.css'
import './styles/panels.css'
import './styles/drawer.css'

const store = createStore()
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
