import type { Report } from './checkImports.ts'
import { BANNED_GLOBALS, BANNED_METHODS, EXACT_MATH } from './rules.ts'
import { nameOf, type SyntaxNode, stringOf, walk } from './syntax.ts'

/** Checks that a file of a pure package has no clock, timer, randomness, waiting, I/O or arithmetic that is not exact. */
export function checkPurity(program: SyntaxNode, report: Report): void {
  const declared = declaredNames(program)
  walk(program, (node, parents) => {
    checkAsync(node, report)
    if (isPower(node)) report(node, 'power', '** is not the same on every machine; multiply')
    if (node.type === 'CallExpression' || node.type === 'MemberExpression') checkMember(node, report)
    const name = nameOf(node)
    if (name === null || declared.has(name) || !isReference(node, parents)) return
    if (name === 'Math') checkMath(node, parents.at(-1)!, report)
    const ban = BANNED_GLOBALS.get(name)
    if (ban !== undefined) report(node, ban.rule, ban.sentence)
  })
}

function checkAsync(node: SyntaxNode, report: Report): void {
  if (node.async === true) report(node, 'async', 'an async function lets others run in between; keep it synchronous')
  if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await === true)) {
    report(node, 'async', 'await lets others run in between; take the result as an input')
  }
  if (node.type === 'ImportExpression') report(node, 'async', 'import() waits; import at the top of the file')
}

/** `**` of numbers; of bigints it is exact, and one of the two is then mostly a literal. */
function isPower(node: SyntaxNode): boolean {
  if (node.operator !== '**' && node.operator !== '**=') return false
  return ![node.left, node.right].some(side => typeof (side as SyntaxNode).bigint === 'string')
}

/** The methods that are refused whatever they are called on. */
function checkMember(node: SyntaxNode, report: Report): void {
  if (node.type === 'MemberExpression') {
    const ban = BANNED_METHODS.get(propertyOf(node) ?? '')
    if (ban !== undefined) report(node, ban.rule, ban.sentence)
    return
  }
  const callee = node.callee as SyntaxNode
  if (callee.type !== 'MemberExpression') return
  const method = propertyOf(callee)
  if ((method === 'sort' || method === 'toSorted') && (node.arguments as unknown[]).length === 0) {
    report(node, 'sort', `${method}() without a comparator compares numbers as text; say what the order is`)
  }
}

/** `Math` only as `Math.floor` and the like: taken apart or indexed, nobody sees which function is meant. */
function checkMath(node: SyntaxNode, parent: SyntaxNode, report: Report): void {
  const property = parent.type === 'MemberExpression' && parent.object === node ? propertyOf(parent) : null
  if (property === 'random') report(parent, 'random', 'Math.random draws what no other node draws; use CounterRandom')
  else if (property === null) report(node, 'math', 'name the function of Math that is meant')
  else if (!EXACT_MATH.has(property)) {
    report(parent, 'math', `Math.${property} is not the same on every machine; use the engine or exact arithmetic`)
  }
}

/** The name in `object.name` or `object['name']`; null if it is only known at run time. */
function propertyOf(member: SyntaxNode): string | null {
  return member.computed === true ? stringOf(member.property) : nameOf(member.property)
}

/** Whether an identifier refers to a variable, and is not the name of a property, a field or a label. */
function isReference(node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
  const parent = parents.at(-1)
  if (parent === undefined) return false
  if (parent.property === node) return parent.computed === true
  if (parent.key === node && parent.computed !== true) return parent.shorthand === true
  if (parent.right === node && parent.type === 'TSQualifiedName') return false
  return parent.label !== node
}

/** Every name that the file itself declares or imports: it hides the global of that name. */
function declaredNames(program: SyntaxNode): ReadonlySet<string> {
  const names = new Set<string>()
  const declare = (pattern: unknown): void => {
    if (typeof pattern !== 'object' || pattern === null) return
    const node = pattern as SyntaxNode
    const name = nameOf(node)
    if (name !== null) names.add(name)
    else if (node.type === 'ObjectPattern') for (const property of node.properties as SyntaxNode[]) declare(property)
    else if (node.type === 'ArrayPattern') for (const element of node.elements as unknown[]) declare(element)
    else if (node.type === 'Property') declare(node.value)
    else if (node.type === 'AssignmentPattern') declare(node.left)
    else if (node.type === 'RestElement') declare(node.argument)
    else if (node.type === 'TSParameterProperty') declare(node.parameter)
  }
  walk(program, node => {
    if (node.type.startsWith('Import') && 'local' in node) declare(node.local)
    if (node.type === 'CatchClause') declare(node.param)
    if (node.type === 'VariableDeclarator' || DECLARATIONS.has(node.type)) declare(node.id)
    if (Array.isArray(node.params) && node.type !== 'TSTypeParameterInstantiation') {
      for (const parameter of node.params) declare(parameter)
    }
  })
  return names
}

const DECLARATIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ClassDeclaration',
  'ClassExpression',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
])
