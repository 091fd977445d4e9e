/**
 * layer.mjs: the newest layer of Telegram's API as data. GramJS builds its classes from a text in the TL language, and its own ends at
 * layer 198. This script makes a newer text from the schema in @mtcute/core, or from a file `api-<layer>.tl` in packages/shared/tl,
 * whichever is newer, so a newer layer needs no release of a library. Every line is checked: its id must be its own CRC-32.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './setup.mjs';

const shared = join(root, 'packages', 'shared');

export function generateLayer() {
  const { layer, lines } = newest();
  const folder = join(shared, 'src', 'telegram', 'wire', 'generated');
  mkdirSync(folder, { recursive: true });
  const text = JSON.stringify(lines.join('\n'));
  writeFileSync(
    join(folder, 'api.ts'),
    `/** api.ts: layer ${layer} of Telegram's API in the TL language. Made by scripts/layer.mjs. */\nexport const newestLayer: number = ${layer};\nexport const newestText: string =\n  ${text};\n`,
  );
}

function newest() {
  const packaged = packagedLayer();
  const dropped = droppedLayer();
  const it = dropped && dropped.layer > packaged.layer ? dropped : packaged;
  const wrong = it.lines.filter((line) => !isChecked(line));
  if (wrong.length > 0) throw new Error(`layer ${it.layer}: lines whose id is not their CRC-32:\n${wrong.join('\n')}`);
  return it;
}

function packagedLayer() {
  const { l: layer, e: entries } = createRequire(join(shared, 'package.json'))('@mtcute/core/tl/api-schema.json');
  const lines = (kind) => entries.filter((it) => it.kind === kind && !isOfPackage(it)).map(lineOf);
  return { layer, lines: [...lines('class'), '---functions---', ...lines('method')] };
}

/** Entries for the package's own use that no server knows. */
function isOfPackage({ name }) {
  return name.startsWith('mtcute.') || name.endsWith('Legacy');
}

function lineOf({ name, id, generics = [], arguments: fields, type, typeModifiers }) {
  const params = [
    ...generics.map((it) => `{${it.name}:${it.type}}`),
    ...fields.map((it) => `${it.name}:${typeOf(it)}`),
  ];
  return `${[`${name}#${(id >>> 0).toString(16)}`, ...params].join(' ')} = ${typeOf({ type, typeModifiers })};`;
}

function typeOf({ type, typeModifiers: { isVector = false, predicate } = {} }) {
  const plain = type === 'int53' ? 'long' : type;
  return `${predicate === undefined ? '' : `${predicate}?`}${isVector ? `Vector<${plain}>` : plain}`;
}

function droppedLayer() {
  const folder = join(shared, 'tl');
  const found = readdirSync(folder, { withFileTypes: true }).flatMap(({ name }) => {
    const layer = /^api-(\d+)\.tl$/.exec(name)?.[1];
    return layer === undefined ? [] : [{ layer: Number(layer), name }];
  });
  const [last] = found.sort((a, b) => b.layer - a.layer);
  if (!last) return undefined;
  const text = readFileSync(join(folder, last.name), 'utf8');
  const lines = text
    .split('\n')
    .map((it) => it.replace(/\/\/.*/, '').trim())
    .filter((it) => it !== '' && !it.startsWith('vector#'));
  return { layer: last.layer, lines };
}

function isChecked(line) {
  if (line.startsWith('---')) return true;
  const id = /^[\w.]+#([\da-f]{1,8}) /.exec(line)?.[1];
  if (id === undefined) return false;
  const canonical = line
    .replace(`#${id}`, '')
    .replace(/;$/, '')
    .replace(/ \w+:flags\d*\.\d+\?true(?= )/g, '')
    .replace(/([:?])bytes(?= )/g, '$1string')
    .replace(/</g, ' ')
    .replace(/[>{}]/g, '');
  return crc32(canonical) === parseInt(id, 16);
}

function crc32(text) {
  let rest = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  }
  return (rest ^ 0xffffffff) >>> 0;
}
