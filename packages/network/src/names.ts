/** The full name of a topic or protocol: inside the network's prefix, unless it is absolute. */
export function qualify(prefix: string, name: string): string {
  return name.startsWith('/') ? name : `${prefix}/${name}`
}
