import { api } from '../api/client.ts'
import { heightName, showAmount } from '../model/amounts.ts'
import { useSlice } from '../store.ts'
import { BondForm } from './BondForm.tsx'

/** Puts HYDRA down as stake. */
export function StakeForm({ token, from }: { token: string; from: { readonly balance: string } }) {
  const committee = useSlice(state => state.committee)
  return (
    <BondForm
      label="Stake in HYDRA"
      verb="Stake"
      busy="Staking…"
      done="Staked"
      available={from.balance}
      send={amount => api.stake(token, { amount })}
    >
      <p>
        With at least {showAmount(committee?.minimumStake ?? '1')} HYDRA of stake this node may check others’ work and
        be drawn to vote on blocks, and earns for both. Stake is lost by voting twice at one height.
        {committee !== null && <> The next draw is at block {heightName(committee.nextDraw)}.</>}
      </p>
    </BondForm>
  )
}
