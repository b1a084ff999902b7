import { parentPort } from 'node:worker_threads'
import { HydraError, openWallet, sealWallet } from '@hydraai/core'
import type { VaultAnswers, VaultRequest, VaultResponse } from './vaultProtocol.ts'

// One request, one response, and the thread ends: the 256 MiB that Argon2id takes go with it.
parentPort!.once('message', (request: VaultRequest) => {
  parentPort!.postMessage(respond(request))
})

function respond(request: VaultRequest): VaultResponse {
  try {
    return { ok: true, answer: carryOut(request) }
  } catch (error) {
    if (!(error instanceof HydraError)) throw error
    return { ok: false, error: { code: error.code, message: error.message, advice: error.advice } }
  }
}

function carryOut(request: VaultRequest): VaultAnswers[keyof VaultAnswers] {
  if (request.type === 'open') return openWallet(request.file, request.password)
  try {
    return sealWallet(request)
  } finally {
    request.entropy.fill(0)
  }
}
