import type { Account } from '../api/shapes.ts'
import { heightName, showAmount } from '../model/amounts.ts'
import { Ago } from './Ago.tsx'

/** What is on its way back from the stake, and when each part is free. */
export function Unbondings({ unbonding }: { unbonding: Account['unbonding'] }) {
  return (
    <ul className="plain">
      {unbonding.map(({ amount, releaseAt, releaseTime }) => (
        <li key={releaseAt}>
          {showAmount(amount)} HYDRA
          <span className="fact-note">
            free at block {heightName(releaseAt)}, <Ago at={releaseTime} />
          </span>
        </li>
      ))}
    </ul>
  )
}
