import { Ask } from './asking/Ask.tsx'
import { Drawer } from './details/Drawer.tsx'
import { shownModel } from './model/choice.ts'
import { taskOf } from './model/scores.ts'
import { Answer } from './panels/Answer.tsx'
import { Blockchain } from './panels/Blockchain.tsx'
import { Committee } from './panels/Committee.tsx'
import { Connection } from './panels/Connection.tsx'
import { Footer } from './panels/Footer.tsx'
import { Images } from './panels/Images.tsx'
import { Log } from './panels/Log.tsx'
import { Masthead } from './panels/Masthead.tsx'
import { Models } from './panels/Models.tsx'
import { Network } from './panels/Network.tsx'
import { Peers } from './panels/Peers.tsx'
import { Training } from './panels/Training.tsx'
import { Updates } from './panels/Updates.tsx'
import { Wallet } from './panels/Wallet.tsx'
import { useSlice } from './store.ts'

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
        <Panels />
      </main>
      <Footer />
      <Drawer />
    </>
  )
}

/** A model of images shows what it sees; for any other the place beside its training is where one asks. */
function Panels() {
  const model = useSlice(shownModel)
  const sees = model === undefined || taskOf(model) === 'images'
  return (
    <div className="panels" data-sees={sees}>
      <Training />
      {sees && <Images model={model} />}
      <Ask />
      <Models />
      <Updates />
      <Network />
      <Wallet />
      <Committee />
      <Peers />
      <Blockchain />
      <Log />
    </div>
  )
}
