import { Drawer } from './details/Drawer.tsx'
import { Answer } from './panels/Answer.tsx'
import { Blockchain } from './panels/Blockchain.tsx'
import { Connection } from './panels/Connection.tsx'
import { Digits } from './panels/Digits.tsx'
import { Footer } from './panels/Footer.tsx'
import { Log } from './panels/Log.tsx'
import { Masthead } from './panels/Masthead.tsx'
import { Network } from './panels/Network.tsx'
import { Peers } from './panels/Peers.tsx'
import { Training } from './panels/Training.tsx'
import { Wallet } from './panels/Wallet.tsx'

export function App() {
  return (
    <>
      <a className="skip" href="#main">
        Skip to the panels
      </a>
      <Masthead />
      <Connection />
      <main id="main" tabIndex={-1}>
        <Answer />
        <div className="panels">
          <Training />
          <Digits />
          <Network />
          <Wallet />
          <Peers />
          <Blockchain />
          <Log />
        </div>
      </main>
      <Footer />
      <Drawer />
    </>
  )
}
