// Puts the Node that came with the dependencies at node_modules/.bin/node, where npm's scripts and hydra_node look for it.
// npm 11 does so by itself; npm 10 removes the link again when it leaves out the packages for other platforms. Runs on
// whatever Node the machine has, hence plain JavaScript.
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const names = { linux: 'linux', win32: 'win' }
const modules = join(dirname(fileURLToPath(import.meta.url)), '..', 'node_modules')
const runtime = `node-${names[process.platform] ?? process.platform}-${process.arch}`
const program = join(modules, runtime, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
const bin = join(modules, '.bin')

if (existsSync(program)) {
  mkdirSync(bin, { recursive: true })
  if (process.platform === 'win32') {
    writeFileSync(join(bin, 'node.cmd'), `@"%~dp0\\..\\${runtime}\\bin\\node.exe" %*\r\n`)
  } else if (!existsSync(join(bin, 'node'))) {
    rmSync(join(bin, 'node'), { force: true })
    symlinkSync(join('..', runtime, 'bin', 'node'), join(bin, 'node'))
  }
} else if (Number(process.versions.node.split('.')[0]) >= 24) {
  // npm has no runtime for this platform, but the machine's own is new enough.
  mkdirSync(bin, { recursive: true })
  if (process.platform !== 'win32' && !existsSync(join(bin, 'node'))) symlinkSync(process.execPath, join(bin, 'node'))
} else {
  console.error(
    `There is no Node 24 in npm for ${process.platform} ${process.arch}, and this is Node ${process.version}.`,
  )
  console.error('Install Node 24 or later and run `npm ci` again.')
  process.exit(1)
}
