/** pure.ts: a file whose header claims that it is pure uses nothing from outside: no disk, network, clock or randomness. */
import { isBuiltin } from 'node:module';
import { importsOf } from './imports.js';
import { isNamed, type Node, visit } from './syntax.js';

/** Modules that only compute. `node:net` is for checking whether a text is an address. */
const computing = new Set(['node:crypto', 'node:net', 'node:path', 'node:zlib']);
/** Packages with effects: they use a disk, a database, a queue or Telegram. */
const acting = /^(bullmq|ioredis|pg|telegram|@prisma\/[^/]+|@hono\/[^/]+)(\/|$)/;

const clocks = [
  ['Date', 'now'],
  ['performance', 'now'],
  ['Math', 'random'],
] as const;
const timers = ['setTimeout', 'setInterval', 'setImmediate', 'fetch'];

export function isPure(source: string): boolean {
  const [header = ''] = /^\/\*\*.*?\*\//s.exec(source) ?? [];
  return /\bPure[.:]/.test(header);
}

/** What a supposedly pure file uses from outside. */
export function impuritiesOf(source: string): string[] {
  const modules = importsOf(source).filter((it) => it === undefined || acting.test(it) || !isComputing(it));
  const found = modules.map((it) => it ?? 'a module named by an expression');
  visit(source, (node) => {
    const name = actingName(node);
    if (name !== undefined) found.push(name);
  });
  return found;
}

const isComputing = (module: string) => !isBuiltin(module) || computing.has(module);

function actingName(node: Node): string | undefined {
  if (node.type === 'NewExpression' && isNamed(node['callee'] as Node, 'Date'))
    return (node['arguments'] as Node[]).length === 0 ? 'new Date()' : undefined;
  if (node.type === 'CallExpression') return timers.find((it) => isNamed(node['callee'] as Node, it));
  if (node.type !== 'MemberExpression') return undefined;
  const [of, property] = [node['object'] as Node, node['property'] as Node];
  if (isNamed(of, 'process')) return 'process';
  return clocks.find(([one, what]) => isNamed(of, one) && isNamed(property, what))?.join('.');
}
