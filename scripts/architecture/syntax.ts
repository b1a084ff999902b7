import { parseSync, visitorKeys } from 'oxc-parser'

/** Any node of the syntax tree, as ESTree and its TypeScript extension name them. */
export interface SyntaxNode {
  type: string
  start: number
  end: number
  [field: string]: unknown
}

export interface Source {
  program: SyntaxNode
  /** What the parser could not read; null if it read the whole file. */
  error: { message: string; at: number } | null
  lineAt(offset: number): number
  textOf(node: SyntaxNode): string
}

export function parseSource(path: string, text: string): Source {
  const parsed = parseSync(path, text)
  const [error] = parsed.errors
  return {
    program: parsed.program as unknown as SyntaxNode,
    error: error === undefined ? null : { message: error.message, at: error.labels[0]?.start ?? 0 },
    lineAt: offset => text.slice(0, offset).split('\n').length,
    textOf: node => text.slice(node.start, node.end),
  }
}

/** Visits `node` and everything below it; the parents come outermost first. */
export function walk(node: SyntaxNode, visit: (node: SyntaxNode, parents: readonly SyntaxNode[]) => void): void {
  const parents: SyntaxNode[] = []
  const enter = (current: SyntaxNode): void => {
    visit(current, parents)
    parents.push(current)
    for (const key of visitorKeys[current.type] ?? []) {
      const below = current[key]
      for (const child of Array.isArray(below) ? below : [below]) {
        if (isNode(child)) enter(child)
      }
    }
    parents.pop()
  }
  enter(node)
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string'
}

export function nameOf(node: unknown): string | null {
  return isNode(node) && node.type === 'Identifier' ? String(node.name) : null
}

/** The value of a string literal. */
export function stringOf(node: unknown): string | null {
  return isNode(node) && node.type === 'Literal' && typeof node.value === 'string' ? node.value : null
}
