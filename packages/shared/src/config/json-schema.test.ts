/** config.schema.json: current, described throughout, right about the example and about mistakes, and never stricter than tgsync. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { expect, test } from 'vitest';
import { configJsonSchema } from './json-schema.js';
import { ConfigError, parseConfig } from './parse.js';

const appdata = (name: string) => readFileSync(new URL(`../../../../appdata/${name}`, import.meta.url), 'utf8');
const tg = { api_id: 12345, api_hash: '0123456789abcdef0123456789ABCDEF' };

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
ajv.addVocabulary(['allowComments', 'allowTrailingCommas']);
const validate = ajv.compile(configJsonSchema());

/** Where an editor underlines something; [] if nowhere. */
function underlined(config: unknown): string[] {
  validate(config);
  const places = (validate.errors ?? []).map(({ instancePath, params }) =>
    [instancePath, params['additionalProperty'] ?? params['missingProperty'] ?? params['propertyName']]
      .filter((it) => it !== undefined)
      .join('/'),
  );
  return [...new Set(places)];
}

test('the file is current', () => {
  const shipped: unknown = JSON.parse(appdata('config.schema.json'));
  expect(shipped, 'config.schema.json is out of date: run `npm run generate`').toEqual(configJsonSchema());
});

test('every setting is described', () => {
  const missing: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties = {} } = node as { properties?: Record<string, object> };
    for (const [name, it] of Object.entries(properties))
      if (!Object.hasOwn(it, 'description')) missing.push(`${path}/${name}`);
    for (const [key, it] of Object.entries(node)) visit(it, `${path}/${key}`);
  };
  visit(configJsonSchema(), '');
  expect(missing, 'add .describe() in schema.ts').toEqual([]);
});

test('of the example only the credentials are underlined, also with its commented lines', () => {
  const example = appdata('config.example.json');
  expect(example).toContain('"$schema": "./config.schema.json"');
  for (const text of [example, example.replace(/^(\s*)\/\/ (?=")/gm, '$1')]) {
    const config = parse(text, [], { allowTrailingComma: true }) as { tg: object };
    expect(underlined(config)).toEqual(['/tg/api_id', '/tg/api_hash']);
    expect(underlined({ ...config, tg: { ...config.tg, ...tg } })).toEqual([]);
  }
});

test('$schema may name anything: tgsync does not read it', () => {
  for (const $schema of ['./config.schema.json', 'https://nowhere.invalid/x.json', '']) {
    expect(parseConfig(JSON.stringify({ $schema, tg })).tg.api_id).toBe(12345);
    expect(underlined({ $schema, tg })).toEqual([]);
  }
});

test.each<[object, string]>([
  [{ logs: {} }, '/logs'],
  [{ log: { level: 'loud' } }, '/log/level'],
  [{ log: { colour: true } }, '/log/colour'],
  [{ db: { url: 5 } }, '/db/url'],
  [{ tg: { api_id: 1 } }, '/tg/api_hash'],
  [{ tg: { ...tg, api_hash: 'abc' } }, '/tg/api_hash'],
  [{ tg: { ...tg, mesage_limit: 5 } }, '/tg/mesage_limit'],
  [{ tg: { ...tg, message_limit: 0 } }, '/tg/message_limit'],
  [{ tg: { ...tg, message_limit: 1.5 } }, '/tg/message_limit'],
  [{ tg: { ...tg, proxy: 'http://h:1' } }, '/tg/proxy'],
  [{ tg: { ...tg, proxy: 1080 } }, '/tg/proxy'],
  [{ tg: { ...tg, chats: { 5: { range: [1] } } } }, '/tg/chats/5/range'],
  [{ tg: { ...tg, chats: { 5: { rnage: [1, 2] } } } }, '/tg/chats/5/rnage'],
  [{ tg: { ...tg, chats: { 5: { media: 'no' } } } }, '/tg/chats/5/media'],
  [{ tg: { ...tg, chats: { 5: { media: { kind: 'foto' } } } } }, '/tg/chats/5/media/kind'],
  [{ tg: { ...tg, chats: { 5: { media: { knid: 'photo' } } } } }, '/tg/chats/5/media/knid'],
  [{ tg: { ...tg, defaults: { messages: { since: 'yesterday' } } } }, '/tg/defaults/messages/since'],
  [{ download: { concurrent: 'many' } }, '/download/concurrent'],
  [{ download: { check_hashes: 'often' } }, '/download/check_hashes'],
  [{ dashboard: { port: 70_000 } }, '/dashboard/port'],
  [{ media: { umask: 27 } }, '/media/umask'],
])('a mistake is underlined where it is: %j', (wrong, place) => {
  const config = { tg, ...wrong };
  expect(() => parseConfig(JSON.stringify(config))).toThrow(ConfigError);
  expect(underlined(config)).toContain(place);
});

const id = fc.oneof(fc.integer(), fc.integer().map(String));
const size = fc.oneof(fc.nat(), fc.constantFrom('1 GiB', '500M', '2tb', '0'));
const oneOrMany = <T>(it: fc.Arbitrary<T>) => fc.oneof(it, fc.array(it, { minLength: 1, maxLength: 3 }));
const some = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [] });
const moment = fc.constantFrom('2024-12-31', '2024-12-31T18:00Z', '2024-12-31T18:00:00.5+02:00');
const conditions = some({
  kind: oneOrMany(fc.constantFrom('photo', 'video', 'sticker')),
  extension: oneOrMany(fc.constantFrom('pdf', '.PDF', 'tar', 'ü')),
  mime: oneOrMany(fc.constantFrom('image/*', 'application/PDF')),
  size: fc.oneof(some({ min: size }), some({ max: size })),
  date: fc.oneof(some({ since: moment }), some({ until: moment })),
  name: fc.constantFrom('^a+$', '(?i)report'),
  caption: fc.constantFrom('', 'x|y'),
  sender: oneOrMany(id),
  topic: oneOrMany(id),
});
const rule = fc.oneof(fc.record({ take: conditions }), fc.record({ skip: conditions }));
const chat = {
  media: fc.oneof(fc.boolean(), conditions, fc.array(rule, { minLength: 1 })),
  messages: some({ since: moment }),
};
const nothing = fc.constant(null);
const text = fc.string({ unit: 'grapheme', minLength: 1 });
const passphrase = fc.oneof(nothing, fc.string({ unit: 'grapheme-ascii', minLength: 8 }), fc.constant('😀'.repeat(8)));
const proxy = {
  type: fc.constantFrom('socks5', 'SOCKS5', 2),
  addr: fc.constant('h'),
  port: fc.integer({ min: 1, max: 9999 }),
};

/** Config files that tgsync accepts, in every form that it knows. */
const good = some({
  $schema: text,
  log: some({ level: fc.constantFrom('info', 'WARNING', 'CRITICAL'), dir: fc.oneof(nothing, text) }),
  db: some({ url: fc.constantFrom('postgresql+psycopg2://u:p@h/d', 'postgres://h/d', 'postgresql://u@/d?host=/run') }),
  dashboard: some({
    host: text,
    port: fc.nat(65_535),
    hosts: fc.array(fc.constant('nas.lan')),
    trust_network: fc.boolean(),
  }),
  download: some({
    media: text,
    incomplete: text,
    concurrent: fc.integer({ min: 1, max: 64 }),
    timeout: fc.integer({ min: 1, max: 600 }),
    summary_interval: fc.integer({ min: 1, max: 86_400 }),
    min_free_space: size,
  }),
  media: some({
    link: fc.constantFrom('hard', 'none'),
    name: fc.constantFrom('{id}', null, { photo: '{id:10}' }, { document: null }),
    folder: fc.constantFrom('{title}/{date:7}', null),
    pad: fc.nat(19),
    umask: fc.constantFrom('027', '0077', null),
  }),
}).chain((sections) =>
  some({
    session: text,
    session_key: passphrase,
    layer: fc.oneof(nothing, fc.integer()),
    proxy: fc.oneof(
      nothing,
      fc.record(proxy),
      fc.constantFrom('socks5://h:1', 'socks5h://u:p@h:1/', ['socks5', 'h', 1]),
    ),
    chats: fc.dictionary(
      fc.oneof(
        fc.integer({ min: 1 }).map(String),
        fc.constantFrom('@durov', 'folder:Work', 'https://t.me/telegram', '-1001234567890'),
      ),
      some({ range: fc.constantFrom([0, 0], [5, 0], [1, 2]), ...chat }),
    ),
    defaults: some(chat),
  }).map((more) => ({ ...sections, tg: { ...tg, ...more } })),
);

test('what tgsync accepts, no editor underlines', () => {
  fc.assert(
    fc.property(good, (config) => {
      parseConfig(JSON.stringify(config));
      expect(underlined(config)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

/** Every place in a config file: the object or list that holds it, and its name there. */
function placesIn(parent: object): [Record<string, unknown>, string][] {
  return Object.entries(parent).flatMap(([key, it]: [string, unknown]) => [
    [parent as Record<string, unknown>, key],
    ...(typeof it === 'object' && it !== null ? placesIn(it) : []),
  ]);
}

const odd = fc.constantFrom<unknown>(null, 0, 1, -1, 0.5, 1e99, '', '1', 'x', '😀', [], {}, true, false, [0, 0], ['1']);

test('nor does one, with any value anywhere, unless tgsync refuses it', () => {
  fc.assert(
    fc.property(good, fc.nat(), fc.oneof(odd, fc.jsonValue()), (original, pick, value) => {
      const config = JSON.parse(JSON.stringify(original)) as object;
      const places = placesIn(config);
      const [parent, key] = places[pick % places.length]!;
      parent[key] = value;
      try {
        parseConfig(JSON.stringify(config));
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        return;
      }
      expect(underlined(config)).toEqual([]);
    }),
    { numRuns: 3000 },
  );
});
