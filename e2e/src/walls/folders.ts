/** folders.ts: the folders that need a row in the table, and their source files. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Row, shared } from './table.js';

/** Written by the build. */
const generated = 'generated';

/** Every app, package and folder of shared; if one subfolder of a folder has a row, its siblings need one, too. */
export function foldersOf(root: string, rows: readonly Row[]): string[] {
  const workspaces = [...under(root, 'apps'), ...under(root, 'packages'), 'e2e', 'bench'].map((it) => `${it}/src`);
  const folders = under(root, shared);
  const withSubfolders = folders.filter((it) => rows.some(({ folder }) => folder.startsWith(`${it}/`)));
  const subfolders = withSubfolders.flatMap((it) => under(root, it)).filter((it) => !it.endsWith(`/${generated}`));
  return [...workspaces.filter((it) => it !== shared && existsSync(join(root, it))), ...folders, ...subfolders];
}

function under(root: string, folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.filter((it) => it.isDirectory()).map((it) => `${folder}/${it.name}`);
}

/** Every source file of the workspaces, relative to `root`. */
export function sourcesOf(root: string): string[] {
  const workspaces = [...under(root, 'apps'), ...under(root, 'packages'), 'e2e', 'bench'].map((it) => `${it}/src`);
  return workspaces
    .filter((it) => existsSync(join(root, it)))
    .flatMap((it) => readdirSync(join(root, it), { recursive: true, encoding: 'utf8' }).map((name) => `${it}/${name}`))
    .filter((it) => /\.[cm]?tsx?$/.test(it) && !it.includes(`/${generated}/`));
}
