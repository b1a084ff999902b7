import type { NodeChoice } from '../../running/findNode.ts'

/** Flags that every `model` command takes. */
export interface ModelFlags extends NodeChoice {
  readonly json?: true
}

export interface CreateFlags extends ModelFlags {
  readonly name: string
  readonly data: string
  readonly document?: string
  readonly target?: string
  readonly size?: number
  readonly fill?: 'mean'
  readonly context?: number
  readonly vocabulary?: number
  readonly yes?: true
}

export interface TrainFlags extends ModelFlags {
  readonly only?: string
  readonly all?: true
}

export interface ExportFlags extends ModelFlags {
  readonly format: 'safetensors'
  readonly out: string
}

/** A `model` command as it was given. */
export type ModelCommand =
  | { readonly command: 'create'; readonly flags: CreateFlags }
  | { readonly command: 'list'; readonly flags: ModelFlags }
  | { readonly command: 'show'; readonly name: string; readonly flags: ModelFlags }
  | { readonly command: 'train'; readonly flags: TrainFlags }
  | { readonly command: 'export'; readonly name: string; readonly flags: ExportFlags }
