/**
 * imports.ts: the modules that a source file names in any way: import and export from (types, too), import(), require.
 */
import { isNamed, type Node, visit } from './syntax.js';

/** Undefined: named by an expression, so unknown. For `telegram/tl/${name}.js` at least the package is known. */
export function importsOf(source: string): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  visit(source, (node) => {
    const named = moduleIn(node);
    if (named !== undefined) found.push(textOf(named));
  });
  return found;
}

/** The node that names a module; undefined if there is none. */
function moduleIn(node: Node): Node | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return node['source'] as Node;
    case 'ExportNamedDeclaration':
      return (node['source'] as Node | null) ?? undefined;
    case 'TSExternalModuleReference':
      return node['expression'] as Node;
    case 'CallExpression':
      return asksForModule(node['callee'] as Node) ? (node['arguments'] as Node[])[0] : undefined;
    default:
      return undefined;
  }
}

/** Whether it is `require`, a result of `createRequire`, `import.meta.resolve` or `process.getBuiltinModule`. */
function asksForModule(callee: Node): boolean {
  if (isNamed(callee, 'require')) return true;
  if (callee.type === 'CallExpression') return isNamed(callee['callee'] as Node, 'createRequire');
  if (callee.type !== 'MemberExpression') return false;
  const [of, property] = [callee['object'] as Node, callee['property'] as Node];
  if (isNamed(property, 'getBuiltinModule')) return true;
  return isNamed(property, 'resolve') && (of.type === 'MetaProperty' || asksForModule(of) || isMadeRequire(of));
}

function isMadeRequire(node: Node): boolean {
  return node.type === 'CallExpression' && isNamed(node['callee'] as Node, 'createRequire');
}

function textOf(node: Node): string | undefined {
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node.type !== 'TemplateLiteral') return undefined;
  const [first, ...others] = (node['quasis'] as { value: { cooked: string } }[]).map((it) => it.value.cooked);
  return others.length === 0 || /^(@[^/.]+\/)?[^/.@]+\//.test(first!) ? first : undefined;
}
