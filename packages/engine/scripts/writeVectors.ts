// Writes test/conformance.json: the SHA-256 of what every primitive makes of its inputs. To be run after a wanted change of
// the kernels.
//
//     node scripts/writeVectors.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { createOpenEngine } from '../src/engine.ts'
import { conformanceVectors } from '../test/conformance.ts'

const file = new URL('../test/conformance.json', import.meta.url)
const wasm = new Uint8Array(readFileSync(new URL('../build/engine.wasm', import.meta.url)))
writeFileSync(file, `${JSON.stringify(conformanceVectors(createOpenEngine(wasm)), null, 2)}\n`)
console.log(`wrote ${file.pathname}`)
