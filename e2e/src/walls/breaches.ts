/** breaches.ts: what a source file imports against the table, and errors in the table itself. */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { importsOf } from './imports.js';
import { type Outside, type Row, rowOf, shared } from './table.js';

/** The table's name for a module that is only known at run time. */
const byExpression = 'import()';

/** Checks one source file, given by its path from the repository's root. Returns one sentence per forbidden import. */
export function breachesOf(rows: readonly Row[], path: string, source: string): string[] {
  const row = rowOf(rows, path);
  if (!row) return [`${path} is in no folder of the table.`];
  return importsOf(source).flatMap((module) => {
    const reason = refusal(rows, row, path, module ?? byExpression);
    return reason === undefined ? [] : [`${path} imports ${module ?? 'by an expression'}: ${reason}.`];
  });
}

function refusal(rows: readonly Row[], row: Row, path: string, module: string): string | undefined {
  if (!module.startsWith('.') && !module.startsWith('@tgsync/')) return refusalOfOutside(rows, row, path, module);
  const file = pathOf(rows, path, module);
  const target = rowOf(rows, file);
  if (!target) return 'that is in no folder of the table';
  if (module.startsWith('.') && workspaceOf(target) !== workspaceOf(row))
    return `${target.name} is another package, which has a name`;
  if (target === row || isOpenToTests(row, target, path)) return undefined;
  if (!row.mayImport.includes(target.name)) return `${row.name} may not import ${target.name} (${target.owns})`;
  const isEntered = file === target.folder || file === `${target.folder}/index.js` || !hasIndex(target);
  return isEntered || row.mayEnter.includes(target.name) ? undefined : `${target.name} is entered by its index.ts`;
}

const workspaceOf = ({ folder }: Row) => folder.slice(0, folder.indexOf('/src'));

/** A subfolder is open to its siblings, and a package declares its own exports. */
function hasIndex({ folder, name }: Row): boolean {
  return folder.startsWith(`${shared}/`) && !name.includes('/');
}

function pathOf(rows: readonly Row[], path: string, module: string): string {
  if (module.startsWith('.')) return posix.join(posix.dirname(path), module);
  const [, name = '', ...rest] = module.split('/');
  if (name === 'shared') return [shared, ...rest].join('/');
  return rows.find(({ folder }) => folder.split('/')[1] === name && !folder.startsWith(shared))?.folder ?? module;
}

const isTest = (path: string) => path.endsWith('.test.ts');

function isOpenToTests(row: Row, target: Row, path: string): boolean {
  if (!isTest(path) || row.bindsTests) return false;
  const tools = ['packages/testing', 'packages/telegram-emulator'];
  return target.folder.startsWith(`${shared}/`) || tools.includes(target.name);
}

function refusalOfOutside(rows: readonly Row[], row: Row, path: string, module: string): string | undefined {
  if (row.everything || isTest(path)) return undefined;
  const name = packageOf(module);
  const owners = rows.filter((it) => it.outside.some((one) => covers(one, name)));
  if (isBuiltin(module) && owners.length === 0) return undefined;
  if (row.outside.some((it) => covers(it, name) && holds(it, row, path))) return undefined;
  if (owners.length === 0) return `no row has ${name}`;
  return `${row.name} may not import ${name} here, which is for ${owners.map((it) => it.name).join(', ')}`;
}

/** `node:fs/promises` and `fs` are `node:fs`. */
function packageOf(module: string): string {
  const [first = '', second = ''] = module.split('/');
  if (isBuiltin(module)) return `node:${first.replace(/^node:/, '')}`;
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function covers(one: Outside, name: string): boolean {
  return one.name.endsWith('/*') ? name.startsWith(one.name.slice(0, -1)) : one.name === name;
}

function holds({ files }: Outside, { folder }: Row, path: string): boolean {
  return files === undefined || files.some((it) => path === `${folder}/${it}` || path.startsWith(`${folder}/${it}/`));
}

/** Checks the table; `folders` are all that need a row. */
export function faultsOf(rows: readonly Row[], folders: readonly string[]): string[] {
  const names = rows.map((it) => it.name);
  return [
    ...folders.filter((it) => !rows.some(({ folder }) => folder === it)).map((it) => `${it} has no row.`),
    ...rows.filter(({ folder }) => !folders.includes(folder)).map((it) => `There is no ${it.folder}, but a row of it.`),
    ...names.filter((it, at) => names.indexOf(it) !== at).map((it) => `${it} has two rows.`),
    ...rows.flatMap((row, at) => row.mayImport.flatMap((it) => faultOfImport(row, it, names.indexOf(it) > at, names))),
  ];
}

function faultOfImport({ name }: Row, imported: string, isBelow: boolean, names: readonly string[]): string[] {
  if (!names.includes(imported)) return [`${name} may import ${imported}, which has no row.`];
  return isBelow ? [] : [`${name} may import ${imported}, which is above it.`];
}
