/** table.ts: the table "Walls" of ARCHITECTURE.md: which folder may import what. Pure. */

export interface Row {
  /** As in the table: `store`, `telegram/wire`, `apps/cli`. */
  name: string;
  /** Where its sources are, relative to the repository's root. */
  folder: string;
  owns: string;
  /** Names of other rows, each entered by its `index.ts`. */
  mayImport: readonly string[];
  /** Those of which it may import every file: `db/*` in the table. */
  mayEnter: readonly string[];
  outside: readonly Outside[];
  /** Whether it may import any external package, and anything from Node. */
  everything: boolean;
  /** Whether its tests may import no more than it. */
  bindsTests: boolean;
}

export interface Outside {
  /** A package, a scope with `/*`, or a module of Node. */
  name: string;
  /** Files and folders of the row; undefined means all of it. */
  files?: readonly string[];
}

export const shared = 'packages/shared/src';

/** Parses the table. Throws on words that it does not know, as readers would think that they mean something. */
export function parseWalls(markdown: string): Row[] {
  const [, section] = /^## Walls$(.*?)^## /ms.exec(`${markdown}\n## `) ?? [];
  const [, , ...lines] = (section ?? '').split('\n').filter((it) => it.startsWith('|'));
  if (lines.length === 0) throw new Error('ARCHITECTURE.md has no table under "## Walls".');
  const rows = lines.map(parseRow);
  const all = rows.filter((it) => it.folder.startsWith(`${shared}/`) && !it.name.includes('/')).map((it) => it.name);
  return rows.map((row) => ({ ...row, mayImport: row.mayImport.flatMap((it) => (it === 'shared' ? all : [it])) }));
}

const every = /\/\*$/;
const noneOfOurs = 'nothing of ours, not even in its tests';

function parseRow(line: string): Row {
  const [, first = '', owns = '', imports = '', outside = ''] = line.split('|').map((it) => it.trim());
  const [name = ''] = namesIn(first);
  const bindsTests = imports === noneOfOurs;
  const imported = bindsTests ? [] : namesIn(imports);
  const everything = outside === 'everything';
  return {
    name,
    folder: folderOf(name),
    owns,
    mayImport: imported.map((it) => it.replace(every, '')),
    mayEnter: imported.filter((it) => every.test(it)).map((it) => it.replace(every, '')),
    outside: everything ? [] : outside.split(';').flatMap(parseOutside),
    everything,
    bindsTests,
  };
}

function parseOutside(part: string): Outside[] {
  const [names = '', files] = part.split(' in ');
  return namesIn(names).map((name) => ({ name, ...(files === undefined ? {} : { files: namesIn(files) }) }));
}

function namesIn(cell: string): string[] {
  if (cell.replace(/`[^`]+`|,|\s/g, '') !== '') throw new Error(`ARCHITECTURE.md, Walls: what does "${cell}" mean?`);
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, name]) => name!);
}

function folderOf(name: string): string {
  const isWorkspace = /^(apps|packages)\//.test(name) || name === 'e2e' || name === 'bench';
  return isWorkspace ? `${name}/src` : `${shared}/${name}`;
}

/** The row of a path: that of the innermost folder with a row. */
export function rowOf(rows: readonly Row[], path: string): Row | undefined {
  const around = rows.filter(({ folder }) => path === folder || path.startsWith(`${folder}/`));
  return around.sort((a, b) => b.folder.length - a.folder.length)[0];
}
