import type { Account, Wallet as WalletData } from '../api/shapes.ts'
import { microOf, showAmount } from '../model/amounts.ts'
import { linkTo } from '../model/route.ts'
import { Copy } from '../parts/Copy.tsx'
import { Fact, Missing, Panel } from '../parts/Panel.tsx'
import { Term } from '../parts/Term.tsx'
import { Unbondings } from '../parts/Unbondings.tsx'
import { useToken } from '../session.ts'
import { useSlice } from '../store.ts'
import { SendForm } from './SendForm.tsx'
import { StakeForm } from './StakeForm.tsx'
import { Unlock } from './Unlock.tsx'
import { UnstakeForm } from './UnstakeForm.tsx'

export function Wallet() {
  const account = useSlice(state => state.account)
  const wallet = useSlice(state => state.wallet)
  const error = useSlice(state => state.errors.account)
  const walletError = useSlice(state => state.errors.wallet)
  const held = wallet ?? account
  return (
    <Panel title="Wallet" area="wallet">
      {held === null ? (
        <Unknown error={error ?? walletError} />
      ) : (
        <>
          <Held held={held} pending={wallet?.pending ?? null} />
          <Actions held={held} error={walletError} />
        </>
      )}
    </Panel>
  )
}

/** Before the ledger knows this address there is no balance, but one can receive all the same. */
function Unknown({ error }: { error: string | undefined }) {
  const address = useSlice(state => state.status?.node.address)
  return (
    <>
      <Missing what="balance" error={error} />
      {address !== undefined && (
        <dl className="facts facts-row">
          <Address address={address} />
        </dl>
      )}
    </>
  )
}

function Address({ address }: { address: string }) {
  return (
    <Fact wide label="Address, to receive at">
      <span className="address">
        <span className="mono">{address}</span>
        <Copy text={address} label="Copy the address" />
      </span>
    </Fact>
  )
}

const NONE: Account['unbonding'] = []

function Held({ held, pending }: { held: WalletData | Account; pending: string | null }) {
  const unbonding = useSlice(state => state.account?.unbonding ?? NONE)
  return (
    <>
      <p className="balance">
        <span className="for-readers">Balance </span>
        <span className="balance-figure">{showAmount(held.balance)}</span> <span className="unit">HYDRA</span>
      </p>
      <dl className="facts">
        <Fact label={<Term name="pending">Pending</Term>}>
          {pending === null ? (
            <span className="soft">shown once unlocked</span>
          ) : microOf(pending) === 0n ? (
            'nothing'
          ) : (
            `${showAmount(pending, { signed: true })} HYDRA`
          )}
        </Fact>
        <Fact label={<Term name="stake">Stake</Term>}>{showAmount(held.stake)} HYDRA</Fact>
        {unbonding.length > 0 && (
          <Fact label={<Term name="unbonding">Unbonding</Term>}>
            <Unbondings unbonding={unbonding} />
          </Fact>
        )}
        <Fact label={<Term name="feeCredit">Fee credit</Term>}>{showAmount(held.feeCredit)} HYDRA</Fact>
        <Fact label="Statement">
          <a href={linkTo('account', held.address)}>Every entry</a>
        </Fact>
        <Address address={held.address} />
      </dl>
    </>
  )
}

function Actions({ held, error }: { held: WalletData | Account; error: string | undefined }) {
  const token = useToken()
  return (
    <div className="wallet-actions">
      {token === null ? (
        <details>
          <summary>Send or stake</summary>
          <Unlock />
          {error !== undefined && <p className="refused">{error}</p>}
        </details>
      ) : (
        <>
          <details name="wallet-action">
            <summary>Send</summary>
            <SendForm token={token} from={held} />
          </details>
          <details name="wallet-action">
            <summary>Stake</summary>
            <StakeForm token={token} from={held} />
          </details>
          {microOf(held.stake) !== 0n && (
            <details name="wallet-action">
              <summary>Unstake</summary>
              <UnstakeForm token={token} from={held} />
            </details>
          )}
          {error !== undefined && <p className="refused">{error}</p>}
        </>
      )}
      <details name="wallet-action">
        <summary>Back up</summary>
        <p>
          Keep the 24 words of this wallet on paper: they restore it anywhere. For a copy of the wallet file, in a
          terminal:
        </p>
        <pre className="command">./hydra_node --export-wallet FILE</pre>
      </details>
    </div>
  )
}
