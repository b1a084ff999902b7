import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The first browsers with `light-dark()`, `AbortSignal.any` and container queries; all of spring 2024 or before. */
const browsers = ['chrome123', 'firefox124', 'safari17.5']

/**
 * The page is served by the node itself under `default-src 'self'`: nothing may be inlined as a `data:` URL, and
 * assets are relative so that any mount point works. `NODE_API` is where `vite` proxies the API while developing.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  // The thread that uses the engine fetches it: importing its module gives its address.
  resolve: { alias: [{ find: /^(@hydraai\/engine\/engine\.wasm)$/, replacement: '$1?url' }] },
  // Modules, since the engine's libraries wait for their own WebAssembly as they load.
  worker: { format: 'es' },
  build: { outDir: 'dist', emptyOutDir: true, assetsInlineLimit: 0, target: browsers, chunkSizeWarningLimit: 700 },
  server: { host: '127.0.0.1', proxy: { '/api': process.env.NODE_API ?? 'http://127.0.0.1:8777' } },
})
