import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkImports, isTestFile, type PackageFacts } from './checkImports.ts'
import { checkPurity } from './checkPurity.ts'
import { type Allowance, isPure } from './rules.ts'
import { parseSource, type SyntaxNode } from './syntax.ts'

export interface Finding {
  file: string
  line: number
  rule: string
  sentence: string
}

interface Manifest {
  exports?: unknown
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

/** AssemblyScript, which its own compiler checks. */
const SKIPPED = ['packages/engine/src/kernels/']

/** Checks `packages/NAME/src` under `root`. @returns what is against the rules, in the order of the files */
export function checkTree(root: string, allowances: readonly Allowance[]): Finding[] {
  const rootManifest = readManifest(join(root, 'package.json'))
  const names = readdirSync(join(root, 'packages')).sort()
  const manifests = new Map(names.map(name => [name, readManifest(join(root, 'packages', name, 'package.json'))]))
  const exportsOf = new Map([...manifests].map(([name, manifest]) => [name, exportedSubpaths(manifest)]))
  const findings: Finding[] = []
  const used = new Set<Allowance>()
  for (const [name, manifest] of manifests) {
    const own = factsOf(name, manifest, rootManifest)
    for (const file of sourceFiles(root, `packages/${name}/src`)) {
      const source = parseSource(file, readFileSync(join(root, file), 'utf8'))
      if (source.error !== null) {
        findings.push({ file, line: source.lineAt(source.error.at), rule: 'syntax', sentence: source.error.message })
        continue
      }
      const isTest = isTestFile(file)
      const report = (node: SyntaxNode, rule: string, sentence: string): void => {
        const text = source.textOf(node)
        const allowance = allowances.find(entry => entry.file === file && entry.rule === rule && entry.text === text)
        if (allowance !== undefined) used.add(allowance)
        else findings.push({ file, line: source.lineAt(node.start), rule, sentence })
      }
      checkImports(source.program, { file, isTest, own, exportsOf }, report)
      if (isPure(name, file) && !isTest) checkPurity(source.program, report)
    }
  }
  for (const { file, rule, text } of allowances.filter(allowance => !used.has(allowance))) {
    findings.push({
      file,
      line: 1,
      rule: 'stale-allowance',
      sentence: `nothing needs the allowance of "${text}" (${rule})`,
    })
  }
  return findings
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest
}

function exportedSubpaths({ exports }: Manifest): ReadonlySet<string> {
  if (typeof exports === 'string') return new Set(['.'])
  return new Set(Object.keys((exports ?? {}) as Record<string, unknown>))
}

function factsOf(name: string, manifest: Manifest, root: Manifest): PackageFacts {
  return {
    name,
    dependencies: new Set(
      Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies }),
    ),
    testDependencies: new Set(
      Object.keys({ ...manifest.devDependencies, ...root.devDependencies, ...root.optionalDependencies }),
    ),
  }
}

function sourceFiles(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map(name => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter(
      file => /\.tsx?$/.test(file) && !file.endsWith('.d.ts') && !SKIPPED.some(skipped => file.startsWith(skipped)),
    )
    .sort()
}
