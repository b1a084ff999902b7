import { ApiError } from './errors.ts'

/** Sent with every answer, the event stream included. The page needs nothing from elsewhere and is shown in no frame. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}

/** Any port, since an SSH tunnel may end at another one. */
const LOCAL_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i

/**
 * The socket listens on loopback only, but any website can point a name of its own at 127.0.0.1 (DNS rebinding) and any
 * website can send a form here. The first shows in `Host`, the second in `Origin`. @throws ApiError HOST_REFUSED, ORIGIN_REFUSED
 */
export function checkHost(headers: { host?: string | undefined; origin?: string | undefined }): void {
  const { host, origin } = headers
  if (host === undefined || !LOCAL_HOST.test(host))
    throw new ApiError(403, 'HOST_REFUSED', 'The node answers only under 127.0.0.1 or localhost.', {
      advice: 'Open the address that the node printed when it started.',
    })
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    throw new ApiError(403, 'ORIGIN_REFUSED', 'Pages of other sites may not use this node.')
}
