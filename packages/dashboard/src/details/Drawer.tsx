import { heightName } from '../model/amounts.ts'
import type { Route } from '../model/route.ts'
import { Dialog } from '../parts/Dialog.tsx'
import { AccountDetail } from './AccountDetail.tsx'
import { BlockDetail } from './BlockDetail.tsx'
import { TransactionDetail } from './TransactionDetail.tsx'
import { UpdateDetail } from './UpdateDetail.tsx'
import { closeRoute, useRoute } from './useRoute.ts'

/** A block, a transaction, an update or an account in full, beside the page. */
export function Drawer() {
  const route = useRoute()
  if (route === null) return null
  return (
    <Dialog title={titleOf(route)} className="drawer" onClose={closeRoute}>
      {route.kind === 'block' && <BlockDetail id={route.id} />}
      {route.kind === 'transaction' && <TransactionDetail id={route.id} />}
      {route.kind === 'update' && <UpdateDetail id={route.id} />}
      {route.kind === 'account' && <AccountDetail address={route.id} />}
    </Dialog>
  )
}

function titleOf({ kind, id }: Route): string {
  if (kind === 'block') return /^\d{1,15}$/.test(id) ? `Block ${heightName(Number(id))}` : 'Block'
  if (kind === 'update') return 'Update'
  return kind === 'transaction' ? 'Transaction' : 'Account'
}
