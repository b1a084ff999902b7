import { builtinModules } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import { FLOORS, IMPURE_FOLDERS, isPure, SAME_FLOOR_IMPORTS } from './rules.ts'
import { type SyntaxNode, stringOf, walk } from './syntax.ts'

const SCOPE = '@hydraai/'
const BUILTINS = new Set(builtinModules)

/** What of its package.json the imports of a package are held against. */
export interface PackageFacts {
  /** The folder's name, such as `core`. */
  name: string
  dependencies: ReadonlySet<string>
  /** What its tests may use besides. */
  testDependencies: ReadonlySet<string>
}

export interface ImportContext {
  /** The file's path from the root, with `/`. */
  file: string
  isTest: boolean
  own: PackageFacts
  /** The subpaths that each package exports, such as `.`. */
  exportsOf: ReadonlyMap<string, ReadonlySet<string>>
}

export type Report = (node: SyntaxNode, rule: string, sentence: string) => void

/** Whether a path is one of a test: these may do what the code may not. */
export function isTestFile(file: string): boolean {
  return /\.test\.tsx?$|\/(conformance|testing|test|fixtures?)(\.ts$|\/)/.test(file)
}

/** Checks every import, re-export, dynamic import and imported type of a file. */
export function checkImports(program: SyntaxNode, context: ImportContext, report: Report): void {
  walk(program, node => {
    const source = node.source ?? (node.type === 'TSImportEqualsDeclaration' ? node.moduleReference : undefined)
    const specifier = stringOf(source)
    if (specifier !== null) {
      checkSpecifier(specifier, context, (rule, sentence) => report(node, rule, sentence))
    } else if (node.type === 'ImportExpression') {
      report(node, 'import', 'a dynamic import has to name its module with a string')
    }
  })
}

function checkSpecifier(
  specifier: string,
  context: ImportContext,
  report: (rule: string, sentence: string) => void,
): void {
  const { own, isTest } = context
  if (specifier.startsWith('.')) checkRelative(specifier, context, report)
  else if (specifier.startsWith(SCOPE)) checkSibling(specifier, context, report)
  else if (!specifier.startsWith('node:') && !BUILTINS.has(specifier)) {
    checkDeclared(packageOf(specifier), context, report)
  } else if (isPure(own.name, context.file) && !isTest) {
    report('node-import', `${own.name} is pure and may not use ${specifier}`)
  }
}

function checkRelative(
  specifier: string,
  context: ImportContext,
  report: (rule: string, sentence: string) => void,
): void {
  const target = normalize(join(dirname(context.file), specifier)).replaceAll('\\', '/')
  if (!target.startsWith(`packages/${context.own.name}/`)) {
    report('deep-import', `${specifier} leaves the package; import another package by its name`)
  } else if (!context.isTest && isTestFile(target)) {
    report('test-import', `${specifier} is a test's; only tests may import it`)
  } else if (!context.isTest && isPure(context.own.name, context.file) && !isPure(context.own.name, target)) {
    report('impure-import', `${specifier} is not pure; only what is not may import it`)
  }
}

function checkSibling(
  specifier: string,
  context: ImportContext,
  report: (rule: string, sentence: string) => void,
): void {
  const { own, exportsOf } = context
  const [name = '', ...rest] = specifier.slice(SCOPE.length).split('/')
  const subpath = ['.', ...rest].join('/')
  if (name === own.name) {
    if (!context.isTest) report('deep-import', `${own.name} imports itself by name; use a relative path`)
    return
  }
  if (!exportsOf.get(name)?.has(subpath)) report('deep-import', `${specifier} is not exported by ${SCOPE}${name}`)
  const impure = IMPURE_FOLDERS.some(folder => folder.exports.includes(specifier))
  if (impure && !context.isTest && isPure(own.name, context.file)) {
    report('impure-import', `${specifier} is not pure; only what is not may import it`)
  }
  const [ownFloor, floor] = [FLOORS[own.name], FLOORS[name]]
  const sameFloorAllowed = SAME_FLOOR_IMPORTS.some(({ from, to }) => from === own.name && to === name)
  if (ownFloor === undefined || floor === undefined) {
    report('floor', `${ownFloor === undefined ? own.name : name} has no floor in scripts/architecture/rules.ts`)
  } else if (floor >= ownFloor && !sameFloorAllowed) {
    report('floor', `${own.name} (floor ${ownFloor}) may not import ${name} (floor ${floor}), only lower floors`)
  }
  checkDeclared(SCOPE + name, context, report)
}

function checkDeclared(name: string, context: ImportContext, report: (rule: string, sentence: string) => void): void {
  const { own, isTest } = context
  if (own.dependencies.has(name) || (isTest && own.testDependencies.has(name))) return
  report('undeclared', `${name} is not among the dependencies of packages/${own.name}/package.json`)
}

/** `@scope/name/sub` and `name/sub` without what is inside the package. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
