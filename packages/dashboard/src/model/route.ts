/** What the drawer shows; it stands in the address bar, so that Back works and a block can be linked. */
export type Route =
  | { readonly kind: 'block'; readonly id: string }
  | { readonly kind: 'transaction'; readonly id: string }
  | { readonly kind: 'account'; readonly id: string }
  /** `model/round/trainer/unit`. */
  | { readonly kind: 'update'; readonly id: string }

const shapes = {
  block: /^(\d{1,15}|[0-9a-f]{64})$/,
  transaction: /^[0-9a-f]{64}$/,
  account: /^0x[0-9a-fA-F]{40}$/,
  update: /^[a-z0-9-]{1,32}\/\d{1,12}\/0x[0-9a-fA-F]{40}\/\d{1,5}$/,
} as const

export function routeOf(fragment: string): Route | null {
  const [, kind, ...rest] = fragment.replace(/^#/, '').split('/')
  const id = rest.join('/')
  if (kind === 'block' || kind === 'transaction' || kind === 'account' || kind === 'update')
    return shapes[kind].test(id) ? { kind, id } : null
  return null
}

export const linkTo = (kind: Route['kind'], id: string | number): string => `#/${kind}/${id}`

/** The token of a fragment such as `#token=…`, which the node's command line prints; null when there is none. */
export function tokenOf(fragment: string): string | null {
  const token = new URLSearchParams(fragment.replace(/^#/, '')).get('token')
  return token !== null && isToken(token) ? token : null
}

/** What may be sent in an Authorization header at all. */
export const isToken = (text: string): boolean => /^[\w.~+/=-]{8,512}$/.test(text)

/** A token out of what a person pasted: the whole link, the fragment, or the token itself. */
export function tokenOfPaste(pasted: string): string | null {
  const text = pasted.trim()
  const at = text.indexOf('#')
  if (at >= 0) return tokenOf(text.slice(at))
  if (text.startsWith('token=')) return tokenOf(text)
  return isToken(text) ? text : null
}
