export { ADDRESS_BYTES, addressBytes, addressOf, addressOfBytes, parseAddress } from './address.ts'
export { formatAmount, MAX_MICRO, MICRO, parseAmount } from './amount.ts'
export type { Address, Brand, Hash, Micro, PublicKey, Signature, VrfProof } from './brand.ts'
export { compareBytes, concatBytes, equalBytes, fromHex, toHex, u32be, u64be, utf8 } from './bytes.ts'
export type { Clock } from './clock.ts'
export { type Codec, codecError, decode, encode, type Infer, MAX_DECODE_BYTES } from './codec/codec.ts'
export { list, nullable, struct, variant } from './codec/composites.ts'
export {
  address,
  bool,
  bytes,
  fixedBytes,
  hash,
  int,
  literal,
  micro,
  oneOf,
  publicKey,
  signature,
  text,
  uint,
  uintMax,
  uintRange,
  vrfProof,
} from './codec/scalars.ts'
export { commitmentOf, sealOf, segmentKeysRoot, verdictDigest } from './commitment.ts'
export {
  CHUNK_BYTES,
  type ContentChunk,
  chunkCountOf,
  chunkLengthOf,
  contentChunkCodec,
  contentIdOf,
  contentIdOfRoot,
  contentProver,
  contentRootOf,
  proveChunk,
  verifyChunk,
} from './content.ts'
export { HydraError, type HydraErrorOptions } from './errors.ts'
export {
  equalLightFindings,
  type Findings,
  findingsCodec,
  isSuspicious,
  LIGHT_FAULTS,
  type LightFault,
  type LightFindings,
  lightFindingsCodec,
  type Mismatch,
  mismatchCodec,
  type Replay,
  SUSPICIOUS_RISE,
} from './findings.ts'
export { float32Bits, float32OfBits, isFiniteFloat32Bits } from './float.ts'
export { hashOf, isHash, sha256, taggedHash, ZERO_HASH } from './hash.ts'
export { type KeyPair, keyPairFromSeed, signBytes } from './keys.ts'
export {
  type MerkleInclusion,
  MerkleTree,
  merkleProof,
  merkleRoot,
  merkleRootOfProof,
  verifyMerkleProof,
} from './merkle.ts'
export { ENTROPY_BYTES, entropyOf, phraseOf } from './phrase.ts'
export { CounterRandom } from './random.ts'
export {
  type Aggregation,
  type Compression,
  type Evaluation,
  evaluationCodec,
  MAX_SEGMENTS,
  type Recipe,
  recipeCodec,
  segmentsOf,
} from './recipe.ts'
export { MAX_SECTIONS, sectionsOf } from './sections.ts'
export { clearSignatureMemo, rememberSignature, verifySignature, verifyVrf } from './verify.ts'
export {
  DEFAULT_WALLET_COST,
  keyPairOfEntropy,
  type OpenedWallet,
  openWallet,
  type SealOptions,
  sealWallet,
  type WalletCost,
} from './wallet.ts'
export { readWalletHeader, type WalletHeader } from './walletFile.ts'
