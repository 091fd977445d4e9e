/** log-messages.ts: a log message is a constant, so that it can be searched for and matched; what varies belongs in its fields. */
import { isNamed, type Node, visit } from './syntax.js';

const levels = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);

/** The calls of a logger in a source file whose message is not a constant: the level, and what is wrong. */
export function changingMessagesOf(source: string): string[] {
  const constants = new Set<unknown>();
  const calls: { level: unknown; message: Node | undefined }[] = [];
  visit(source, (node) => {
    if (isConstantText(node)) constants.add((node['id'] as Node)['name']);
    if (isLogCall(node)) calls.push({ level: levelOf(node), message: messageOf(node['arguments'] as Node[]) });
  });
  const changing = calls.filter(({ message }) => message === undefined || !isConstant(message, constants));
  return changing.map(({ level, message }) => `log.${String(level)} with ${message?.type ?? 'no message'}`);
}

/** `const text = 'like this'` */
function isConstantText(node: Node): boolean {
  return node.type === 'VariableDeclarator' && isText(node['init'] as Node | null);
}

function isText(node: Node | null): boolean {
  return node?.type === 'Literal' && typeof node['value'] === 'string';
}

function isLogCall(node: Node): boolean {
  if (node.type !== 'CallExpression') return false;
  const callee = node['callee'] as Node;
  return callee.type === 'MemberExpression' && isLogger(callee['object'] as Node) && levels.has(levelOf(node));
}

/** `log`, `jobLog`, `logger`, and `deps.log`, `this.log` alike. */
function isLogger(node: Node): boolean {
  const named = node.type === 'MemberExpression' ? (node['property'] as Node) : node;
  return (
    (named.type === 'Identifier' || named.type === 'PrivateIdentifier') &&
    /^log(ger)?$|Log(ger)?$/.test(String(named['name']))
  );
}

function levelOf(call: Node): string {
  return String(((call['callee'] as Node)['property'] as Node)['name']);
}

/** pino takes `(message)` or `(fields, message)`. */
function messageOf([first, second]: readonly Node[]): Node | undefined {
  return second ?? (first?.type === 'ObjectExpression' ? undefined : first);
}

function isConstant(node: Node, constants: ReadonlySet<unknown>): boolean {
  if (node.type === 'ConditionalExpression')
    return isConstant(node['consequent'] as Node, constants) && isConstant(node['alternate'] as Node, constants);
  if (node.type === 'BinaryExpression')
    return isConstant(node['left'] as Node, constants) && isConstant(node['right'] as Node, constants);
  if (node.type === 'MemberExpression') return isOfMessages(node['object'] as Node);
  return isText(node) || (node.type === 'Identifier' && constants.has(node['name']));
}

/** `this.messages.begun`: a class that logs for others is given its messages, as constants. */
function isOfMessages(node: Node): boolean {
  return isNamed(node.type === 'MemberExpression' ? (node['property'] as Node) : node, 'messages');
}
