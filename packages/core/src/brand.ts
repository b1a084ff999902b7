/** A value that has been checked once and must not be mixed with others of the same shape. */
export type Brand<T, B> = T & { readonly __brand: B }

/** SHA-256 digest, 64 lower-case hex digits. */
export type Hash = Brand<string, 'Hash'>
/** Ed25519 public key, 64 lower-case hex digits. */
export type PublicKey = Brand<string, 'PublicKey'>
/** Ed25519 signature, 128 lower-case hex digits. */
export type Signature = Brand<string, 'Signature'>
/** Proof of RFC 9381's ECVRF-EDWARDS25519-SHA512-TAI, 160 lower-case hex digits: Gamma, c, s. */
export type VrfProof = Brand<string, 'VrfProof'>
/** `0x` and 40 hex digits whose letter case is a checksum; the bytes are the first 20 of SHA-256(public key). */
export type Address = Brand<string, 'Address'>
/** An amount in 10^-6 HYDRA. */
export type Micro = bigint
