import sodium from 'libsodium-wrappers-sumo'

// The wasm loads asynchronously once; after that everything in this package is synchronous.
await sodium.ready

export { sodium }
