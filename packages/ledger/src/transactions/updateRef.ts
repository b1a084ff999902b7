import { address, uint } from '@hydraai/core'
import { modelIdField } from '../genesis/modelId.ts'

/** Names an update in an action or a result. */
export const updateRefFields = { model: modelIdField, round: uint, trainer: address, unit: uint }
