// Coverage without a native part: a loader hook strips the types of the sources under test, puts a counter into every
// branch and hands the result to Node. The counters are bytes in one array, so that a run costs no more than clearing and
// reading it; V8's own precise coverage has to be asked for over the inspector and takes milliseconds each time.
import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

/** More branches than are ever instrumented; those beyond share the last counter. */
const MAX_BRANCHES = 1 << 16
/** What the counters are called in instrumented code: a global, for modules in a cycle run before their own constants. */
const NAME = '$fuzzHits'
/** Sources under test: the packages, and the decoders of others that strangers reach through them. */
const UNDER_TEST =
  /\/fuzz\/targets\/trap\.ts$|\/packages\/[a-z]+\/src\/(?!kernels\/).*\.ts$|\/node_modules\/(@ipld\/dag-cbor|cborg|@multiformats\/multiaddr)\/.*\.js$/
/** Short texts of the sources are names of fields, kinds and formats: words of the languages being decoded. */
const WORD = /^[\w./:-]{1,24}$/

/** What instrumented code leaves behind. */
export interface Coverage {
  /** How often each branch was taken since it was last cleared; wraps at 256. */
  readonly hits: Uint8Array
  /** Branches instrumented until now. */
  branches(): number
  readonly literals: Literals
}

/** Texts and whole numbers that stand in the sources: what inputs are compared with. */
export interface Literals {
  readonly words: Set<string>
  readonly numbers: Set<number>
}

/** Instruments whatever this thread imports from now on. */
export function instrumentImports(): Coverage {
  const hits = new Uint8Array(MAX_BRANCHES)
  const literals: Literals = { words: new Set(), numbers: new Set() }
  let branches = 0
  const next = () => (branches < MAX_BRANCHES - 1 ? branches++ : branches)
  Object.assign(globalThis, { [NAME]: hits })
  // The option that silences "experimental" for one call does not exist, and the warning would stand in every report.
  process.removeAllListeners('warning')
  registerHooks({
    load(url, context, nextLoad) {
      if (!url.startsWith('file:') || !UNDER_TEST.test(url)) return nextLoad(url, context)
      const path = fileURLToPath(url)
      const text = readFileSync(path, 'utf8')
      const source = instrument(path.endsWith('.ts') ? stripTypeScriptTypes(text) : text, next, literals)
      return { format: 'module', source, shortCircuit: true }
    },
  })
  return { hits, branches: () => branches, literals }
}

type Node = Record<string, unknown> & { type: string; start: number; end: number }
type Insertion = readonly [at: number, text: string]

/** The same program with `$fuzzHits[n]++` at the start of every function and branch. */
export function instrument(code: string, next: () => number, { words, numbers }: Literals): string {
  const { program, errors } = parseSync('module.js', code)
  if (errors.length > 0) throw new Error(errors[0]!.message)
  const insertions: Insertion[] = []
  const count = () => `${NAME}[${next()}]++`
  const wrap = (node: unknown) => {
    if (!isNode(node)) return
    insertions.push([node.start, `(${count()},`], [node.end, ')'])
  }
  const brace = (node: unknown) => {
    if (!isNode(node) || node.type === 'BlockStatement') return
    insertions.push([node.start, `{${count()};`], [node.end, '}'])
  }
  const visit = (node: Node) => {
    switch (node.type) {
      case 'BlockStatement':
      case 'FunctionBody':
        insertions.push([node.start + 1, `${count()};`])
        break
      case 'ArrowFunctionExpression':
        if (isNode(node.body) && !/BlockStatement|FunctionBody/.test(node.body.type)) wrap(node.body)
        break
      case 'ConditionalExpression':
        wrap(node.consequent)
        wrap(node.alternate)
        break
      case 'LogicalExpression':
        wrap(node.right)
        break
      case 'IfStatement':
        // To pass by is a branch too: decoders are chains of "if it is wrong, refuse".
        if (!isNode(node.alternate)) insertions.push([node.end, `else{${count()};}`])
        brace(node.consequent)
        brace(node.alternate)
        break
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
      case 'WhileStatement':
      case 'DoWhileStatement':
        brace(node.body)
        break
      case 'SwitchCase': {
        const [first] = node.consequent as unknown[]
        if (isNode(first)) insertions.push([first.start, `${count()};`])
        break
      }
      case 'Literal':
        if (typeof node.value === 'string' && WORD.test(node.value)) words.add(node.value)
        if (Number.isSafeInteger(node.value)) numbers.add(node.value as number)
        break
    }
    for (const [key, child] of Object.entries(node)) {
      if (key === 'parent') continue
      if (Array.isArray(child)) for (const one of child) isNode(one) && visit(one)
      else if (isNode(child)) visit(child)
    }
  }
  visit(program as unknown as Node)
  return applied(code, insertions)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

/** Of two that begin at one place the outer was met first and stays first; of two that end there the inner ends first. */
function applied(code: string, insertions: readonly Insertion[]): string {
  const isEnd = ([, text]: Insertion) => text === ')' || text === '}' || text.startsWith('else')
  const ends = insertions.filter(isEnd).reverse()
  const starts = insertions.filter(insertion => !isEnd(insertion))
  let result = ''
  let done = 0
  for (const [at, text] of [...ends, ...starts].sort((a, b) => a[0] - b[0])) {
    result += code.slice(done, at) + text
    done = at
  }
  return result + code.slice(done)
}
