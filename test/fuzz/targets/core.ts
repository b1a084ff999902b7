import {
  addressOfBytes,
  concatBytes,
  contentChunkCodec,
  contentIdOf,
  entropyOf,
  equalBytes,
  formatAmount,
  fromHex,
  type Hash,
  keyPairFromSeed,
  merkleProof,
  merkleRoot,
  type PublicKey,
  parseAddress,
  parseAmount,
  phraseOf,
  proveChunk,
  readWalletHeader,
  type Signature,
  sealWallet,
  toHex,
  u32be,
  utf8,
  type VrfProof,
  verifyChunk,
  verifyMerkleProof,
  verifySignature,
  verifyVrf,
} from '@hydraai/core'
import { promise, type Target, unlessRefused } from '../engine/target.ts'
import { codecTarget } from './codecTarget.ts'

const keys = keyPairFromSeed(new Uint8Array(32).fill(7))
const message = utf8('a message')
const blob = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251)
const leaves = Array.from({ length: 11 }, (_, i) => Uint8Array.of(i))

const seedsOfWallet = () =>
  sealWallet({
    entropy: new Uint8Array(32).fill(1),
    name: 'alice',
    password: 'secret',
    salt: new Uint8Array(16),
    nonce: new Uint8Array(24),
    cost: { memoryBytes: 8_192, passes: 1 },
  })

export function targets(): readonly Target[] {
  return [
    {
      // A key, a signature and a message: only the one signature over the one message is good.
      name: 'signature',
      format: 'bytes',
      seeds: [concatBytes(fromHex(keys.publicKey), fromHex(keys.sign(message)), message)],
      maxBytes: 4_096,
      run(input) {
        const [key, signature, signed] = [input.subarray(0, 32), input.subarray(32, 96), input.subarray(96)]
        const good = verifySignature(toHex(key) as PublicKey, signed, toHex(signature) as Signature)
        const ours = equalBytes(key, fromHex(keys.publicKey))
        promise(!good || !ours || equalBytes(signed, message), 'a signature was forged')
        return good
      },
    },
    {
      name: 'vrf-proof',
      format: 'bytes',
      seeds: [concatBytes(fromHex(keys.publicKey), fromHex(keys.prove(message)), message)],
      maxBytes: 1_024,
      run(input) {
        const [key, proof, alpha] = [input.subarray(0, 32), input.subarray(32, 112), input.subarray(112)]
        const beta = verifyVrf(toHex(key) as PublicKey, alpha, toHex(proof) as VrfProof)
        if (beta === null) return false
        promise(beta.length === 64, 'an output has not 64 bytes')
        // One key and one input have one output, whatever proof stands for it.
        if (equalBytes(key, fromHex(keys.publicKey))) {
          const ours = verifyVrf(keys.publicKey, alpha, keys.prove(alpha))
          promise(ours !== null && equalBytes(ours, beta), 'one input has two outputs')
        }
        return true
      },
    },
    {
      // index, count, leaf and hashes against the root of a tree of eleven.
      name: 'merkle-proof',
      format: 'bytes',
      seeds: leaves.map((leaf, i) =>
        concatBytes(u32be(i), u32be(leaves.length), leaf, ...merkleProof(leaves, i).map(fromHex)),
      ),
      maxBytes: 4_096,
      run(input) {
        if (input.length < 9) return false
        const view = new DataView(input.buffer, input.byteOffset, input.length)
        const [index, count, leaf] = [view.getUint32(0), view.getUint32(4), input.slice(8, 9)]
        const hex = toHex(input.subarray(9))
        const proof = (hex.match(/.{1,64}/g) ?? []) as Hash[]
        const holds = verifyMerkleProof({ root: merkleRoot(leaves), leaf, index, count, proof })
        const known = leaves[index]
        if (holds && count === leaves.length) promise(equalBytes(known!, leaf), 'a leaf was proven that is not there')
        return holds
      },
    },
    codecTarget('content-chunk', contentChunkCodec, [proveChunk(blob, 0), proveChunk(blob, 1)], {
      maxBytes: 270_000,
      use(chunk) {
        if (!verifyChunk(contentIdOf(blob), chunk)) return
        const start = chunk.index * 262_144
        promise(equalBytes(chunk.bytes, blob.subarray(start, start + chunk.bytes.length)), 'a wrong chunk was proven')
      },
    }),
    {
      name: 'wallet-file',
      format: 'json',
      seeds: [utf8(seedsOfWallet())],
      maxBytes: 32_768,
      run: input => unlessRefused(() => readWalletHeader(new TextDecoder().decode(input))) !== undefined,
    },
    {
      // Texts that a person or a page gives: addresses, amounts, recovery phrases.
      name: 'text-values',
      format: 'bytes',
      seeds: [keys.address, formatAmount(1_500_000n), phraseOf(new Uint8Array(32)), '0x', '9223372036854.775807'].map(
        utf8,
      ),
      maxBytes: 4_096,
      run(input) {
        const text = new TextDecoder().decode(input)
        const address = unlessRefused(() => parseAddress(text))
        if (address !== undefined)
          promise(addressOfBytes(fromHex(text.slice(2).toLowerCase())) === address, 'another address')
        const amount = unlessRefused(() => parseAmount(text))
        if (amount !== undefined) promise(parseAmount(formatAmount(amount)) === amount, 'another amount')
        const entropy = unlessRefused(() => entropyOf(text))
        if (entropy !== undefined) promise(equalBytes(entropyOf(phraseOf(entropy)), entropy), 'another phrase')
        return address !== undefined || amount !== undefined || entropy !== undefined
      },
    },
  ]
}
