import type { SignedProposal } from '@hydraai/consensus'
import type { Hash } from '@hydraai/core'
import type { Payload } from './messages.ts'
import { Assembly, type Part, type PartedBlock } from './parts.ts'
import { proposalKeyOf } from './records.ts'

/** Blocks of one height that are under way at the same time; an honest proposer sends one a round. */
const MAX_OPEN = 8
/** With those that are here whole and handed out to others. */
const MAX_DELIVERIES = 64

export interface ProposalInParts {
  readonly proposal: SignedProposal
  readonly payload: Payload
}

/** One large block of the height under vote, under way or here, with every proposal that names it. */
export interface Delivery {
  readonly valueId: Hash
  readonly size: number
  source: Assembly | PartedBlock
  /** `void`: the whole of it is not the block that was proposed, so its proposers lied. */
  status: 'open' | 'whole' | 'void'
  readonly proposals: Map<string, ProposalInParts>
  /** Parts that were passed on, by proposal and index: each once. */
  readonly passedOn: Set<string>
}

/** The large blocks of one height, by the root of their parts. Bounded; what the present round needs comes first. */
export class Deliveries {
  readonly #byRoot = new Map<Hash, Delivery>()

  get(root: Hash): Delivery | undefined {
    return this.#byRoot.get(root)
  }

  /** Those that are not whole yet. */
  open(): Delivery[] {
    return [...this.#byRoot.values()].filter(({ status }) => status === 'open')
  }

  /**
   * Begins a delivery, which may take the place of one that a round further from `round` needs. `dropped` is told of the
   * proposals that then have to be heard again. Null: there is no room.
   */
  begin(first: ProposalInParts, round: number, dropped: (proposal: SignedProposal) => void): Delivery | null {
    const open = this.open()
    if (open.length >= MAX_OPEN) {
      const farthest = open.reduce((a, b) => (distance(b, round) > distance(a, round) ? b : a))
      if (distance(farthest, round) <= Math.abs(first.proposal.round - round)) return null
      this.#byRoot.delete(farthest.source.root)
      for (const { proposal } of farthest.proposals.values()) dropped(proposal)
    }
    return this.#add(first, new Assembly(first.payload.root, first.payload.bytes), 'open')
  }

  /** A block that is here whole, from whereever it came. */
  keep(first: ProposalInParts, parted: PartedBlock): Delivery {
    const known = this.#byRoot.get(parted.root)
    if (!known) return this.#add(first, parted, 'whole')
    known.source = parted
    known.status = 'whole'
    known.proposals.set(proposalKeyOf(first.proposal), first)
    return known
  }

  clear(): void {
    this.#byRoot.clear()
  }

  #add(first: ProposalInParts, source: Assembly | PartedBlock, status: 'open' | 'whole'): Delivery {
    if (this.#byRoot.size >= MAX_DELIVERIES) {
      const oldest = [...this.#byRoot].find(([, delivery]) => delivery.status !== 'open')
      if (oldest) this.#byRoot.delete(oldest[0])
    }
    const proposals = new Map([[proposalKeyOf(first.proposal), first]])
    const { valueId } = first.proposal
    const delivery = { valueId, size: first.payload.bytes, source, status, proposals, passedOn: new Set<string>() }
    this.#byRoot.set(first.payload.root, delivery)
    return delivery
  }
}

/** How far the nearest round that needs it is. */
function distance({ proposals }: Delivery, round: number): number {
  return Math.min(...[...proposals.values()].map(({ proposal }) => Math.abs(proposal.round - round)))
}

/** Parts of a delivery that are here. */
export function partsOf({ source }: Delivery, indexes: readonly number[]): Part[] {
  return indexes.flatMap(index => (index < source.count ? (source.part(index) ?? []) : []))
}
