/** More verifiers than are ever drawn for an update. */
export const MAX_VERIFIERS = 16
