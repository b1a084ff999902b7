import { api } from '../api/client.ts'
import { heightName, showAmount } from '../model/amounts.ts'
import { showDuration } from '../model/time.ts'
import { useSlice } from '../store.ts'
import { BondForm } from './BondForm.tsx'

/** Takes HYDRA back from the stake. */
export function UnstakeForm({ token, from }: { token: string; from: { readonly stake: string } }) {
  const committee = useSlice(state => state.committee)
  return (
    <BondForm
      label="Unstake in HYDRA"
      verb="Unstake"
      busy="Unstaking…"
      done="Unstaking"
      available={from.stake}
      where="at stake"
      send={amount => api.unstake(token, { amount })}
    >
      <p>
        All of it, or so that at least {showAmount(committee?.minimumStake ?? '1')} HYDRA stay.
        {committee !== null && (
          <>
            {' '}
            What you take back is free after {showDuration(committee.unbondingMs)}; this node votes on until the epoch
            ends with block {heightName(committee.nextDraw)}.
          </>
        )}
      </p>
    </BondForm>
  )
}
