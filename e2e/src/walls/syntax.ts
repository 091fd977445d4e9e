/** syntax.ts: a source file's syntax tree, node by node. */
import { parseAst } from 'vitest/node';

export interface Node {
  type: string;
  [key: string]: unknown;
}

/** Calls `see` for every node of a TypeScript source file. */
export function visit(source: string, see: (node: Node) => void): void {
  walk(parseAst(source, { lang: 'ts' }), see);
}

function walk(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) for (const it of value) walk(it, see);
  else if (typeof value === 'object' && value !== null) {
    if ('type' in value && typeof value.type === 'string') see(value as Node);
    for (const it of Object.values(value)) walk(it, see);
  }
}

export function isNamed(node: Node, name: string): boolean {
  return node.type === 'Identifier' && node['name'] === name;
}
