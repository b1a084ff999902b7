import { createServer } from 'node:net'
import { HydraError } from '@hydraai/core'

/** Throws PORT_IN_USE. 0, which takes any free port, is always free. */
export async function refusePortInUse(host: string, port: number, flag: string): Promise<void> {
  if (await isPortFree(host, port)) return
  throw new HydraError('PORT_IN_USE', `Port ${port} is used by another program.`, {
    advice: `End that program, or choose another port with ${flag}.`,
  })
}

/** Only a port that is in use counts: any other hindrance is told by whoever listens. */
export function isPortFree(host: string, port: number): Promise<boolean> {
  const server = createServer()
  return new Promise(resolve => {
    server.once('error', error => resolve((error as NodeJS.ErrnoException).code !== 'EADDRINUSE'))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}
