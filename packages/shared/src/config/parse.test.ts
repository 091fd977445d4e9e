/** config.json: what is accepted, and that each error is reported with its path and remedy and never with a secret. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PersonError } from '../errors/index.js';
import { ConfigError, parseConfig } from './parse.js';
import { chatSelectors, wantedChats } from './chats.js';
import { settingsOf, settingsSchema } from './schema.js';

const apiHash = '0123456789abcdef0123456789ABCDEF';
const minimal = { tg: { api_id: 12345, api_hash: apiHash } };
const withTg = (more: object) => JSON.stringify({ tg: { ...minimal.tg, ...more } });

function problemsOf(text: string): readonly string[] {
  try {
    parseConfig(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('the file was accepted');
}

test('defaults make the minimal file complete', () => {
  expect(parseConfig(JSON.stringify(minimal))).toMatchObject({
    log: { level: 'info', dir: null },
    db: {},
    tg: {
      ...minimal.tg,
      session: '/appdata/tgsync.session',
      message_limit: 1000,
      concurrent_downloads: 4,
      progress_summary_interval: 30,
      sync_interval: 300,
      lease_ttl: 15,
      chats: {},
    },
    download: { max_connections: 8, request_timeout: 20, check_hashes: 'sample' },
  });
});

test('comments, trailing commas, a byte order mark and Windows line ends are accepted', () => {
  const text = [
    '\uFEFF// mine',
    '{',
    '  /* what',
    '     for */ "tg": {',
    `    "api_id": 12345, // the number`,
    `    "api_hash": "${apiHash}",`,
    '    "chats": { "-1001234567890": { "range": [5, 0,], }, },',
    '  },',
    '}',
    '// end',
  ].join('\r\n');
  expect(wantedChats(parseConfig(text))).toMatchObject([{ id: -1001234567890n, from: 5n, to: 0n, rules: [] }]);
});

test('the example is complete once the credentials are filled in', () => {
  const example = readFileSync(new URL('../../../../appdata/config.example.json', import.meta.url), 'utf8');
  expect(problemsOf(example).map((it) => it.split(':')[0])).toEqual(['tg.api_id', 'tg.api_hash']);
  const filled = example
    .replace(/"api_id": 0/, '"api_id": 12345')
    .replace(/"api_hash": ""/, `"api_hash": "${apiHash}"`);
  const { $schema, ...shown } = parseConfig(filled);
  expect($schema).toBe('./config.schema.json');
  expect(shown).toEqual(parseConfig(JSON.stringify(minimal))); // and it shows the defaults
});

test('the commented lines of the example are right as well', () => {
  const example = readFileSync(new URL('../../../../appdata/config.example.json', import.meta.url), 'utf8');
  const filled = example
    .replace(/"api_id": 0/, '"api_id": 12345')
    .replace(/"api_hash": ""/, `"api_hash": "${apiHash}"`)
    .replace(/^(\s*)\/\/ (?=")/gm, '$1');
  const config = parseConfig(filled);
  expect(config.db.url).toBe('postgresql://tgsync:tgsync@postgres:5432/tgsync');
  expect(wantedChats(config)).toMatchObject([
    { id: 123456789n, from: 1000n, to: 0n },
    { id: -1001234567890n, from: 0n, to: 0n },
  ]);
});

test.each(['postgresql+psycopg2', 'postgresql+asyncpg', 'postgres', 'postgresql'])(
  'a database by %s:// is accepted',
  (scheme) => {
    const text = JSON.stringify({ ...minimal, db: { url: `${scheme}://me:p%40ss@db.lan:5433/chats?sslmode=require` } });
    expect(parseConfig(text).db.url).toBe('postgresql://me:p%40ss@db.lan:5433/chats?sslmode=require');
  },
);

test.each<[string, object, string]>([
  ['tg.api_id', { api_id: '12345' }, 'the number from https://my.telegram.org/apps'],
  ['tg.api_id', { api_id: 0 }, 'https://my.telegram.org/apps'],
  ['tg.api_id', { api_id: 1.5 }, 'https://my.telegram.org/apps'],
  ['tg.api_id', { api_id: undefined }, 'missing; the number from https://my.telegram.org/apps'],
  ['tg.api_hash', { api_hash: undefined }, 'missing; 32 hexadecimal digits'],
  ['tg.api_hash', { api_hash: 'abc' }, '32 hexadecimal digits'],
  ['tg.api_hash', { api_hash: `${apiHash} ` }, '32 hexadecimal digits'],
  ['tg.session', { session: '' }, '>=1'],
  ['tg.message_limit', { message_limit: 0 }, '>=1'],
  ['tg.message_limit', { message_limit: 1e9 }, '<=100000'],
  ['tg.concurrent_downloads', { concurrent_downloads: 65 }, '<=64'],
  ['tg.concurrent_downloads', { concurrent_downloads: null }, 'expected number'],
  ['tg.progress_summary_interval', { progress_summary_interval: 0.5 }, 'expected a whole number'],
  ['tg.chats', { chats: [] }, 'expected object'],
  ['tg.chats.cats', { chats: { cats: {} } }, 'not a chat; expected an id such as "-1001234567890", "@username"'],
  ['tg.chats."https://t.me/+abc"', { chats: { 'https://t.me/+abc': {} } }, 'join the chat, then use its id'],
  ['tg.chats.@News', { chats: { 't.me/news': {}, '@News': {} } }, 'the same as "t.me/news"; keep only one of them'],
  ['tg.chats.@news.exclude', { chats: { '@news': { exclude: ['user'] } } }, 'only for "*"'],
  [
    'tg.chats.*.exclude.1',
    { chats: { '*': { exclude: ['bot', 'robot'] } } },
    '"@username", or one of user, bot, group',
  ],
  ['tg.chats.*.exclude.0', { chats: { '*': { exclude: ['folder:Work'] } } }, 'a chat id, "@username", or one of'],
  ['tg.chats.0', { chats: { 0: {} } }, 'a chat id must be a whole number'],
  ['tg.chats.+5', { chats: { '+5': {} } }, 'a chat id must be a whole number'],
  ['tg.chats.-5.range', { chats: { '-5': { range: [9, 3] } } }, 'must not be greater than the second'],
  ['tg.chats.-5.range', { chats: { '-5': { range: [1, 2, 3] } } }, 'two message ids, such as [1000, 0]'],
  ['tg.chats.-5.range', { chats: { '-5': { range: '1-2' } } }, 'two message ids, such as [1000, 0]'],
  ['tg.chats.-5.range', { chats: { '-5': { range: [] } } }, 'two message ids'],
  ['tg.chats.-5.range.0', { chats: { '-5': { range: [-1, 3] } } }, '>=0'],
  ['tg.chats.-5.rnage', { chats: { '-5': { rnage: [1, 3] } } }, 'unknown setting'],
  ['tg.constructor', { constructor: 1 }, 'unknown setting'],
  ['tg.proxy', { proxy: 'http://h:1' }, 'socks5h://user:password@host:port'],
  ['tg.proxy', { proxy: 'socks5h://u:100%@h:1' }, 'special characters in the password percent-encoded'],
  ['tg.proxy', { proxy: 'socks5://h:99999' }, 'socks5h://user:password@host:port'],
  ['tg.apihash', { apihash: apiHash }, 'unknown setting; see config.example.json'],
])('a wrong %s is named: %j', (path, wrong, remedy) => {
  const problems = problemsOf(withTg(wrong));
  expect(problems).toHaveLength(1);
  expect(problems[0]!.startsWith(`${path}: `)).toBe(true);
  expect(problems[0]).toContain(remedy);
});

test.each([
  ['log.level', { log: { level: 'loud' } }, '"debug"'],
  ['log.colour', { log: { colour: true } }, 'unknown setting'],
  ['db.url', { db: { url: 'mysql://u:p@h/d' } }, 'postgresql://user:password@host:5432/database'],
  ['db.url', { db: { url: 'postgresql://u:p@h' } }, 'postgresql://user:password@host:5432/database'],
  ['db.url', { db: { url: 5432 } }, 'expected string'],
  ['db.url', { db: { url: 'postgresql://u:100%@h/d' } }, 'special characters in the password percent-encoded'],
  ['db.url', { db: { url: 'postgresql://u:a#b@h/d' } }, 'special characters in the password percent-encoded'],
  [
    'db.url',
    { db: { url: 'postgresql://u:2024#secret@h:5432/d' } },
    'special characters in the password percent-encoded',
  ],
  ['db.url', { db: { url: 'postgresql://u:12/34@h:5432/d' } }, 'special characters in the password percent-encoded'],
  ['db.url', { db: { url: 'postgresql://u:12/34@h' } }, 'special characters in the password percent-encoded'],
  ['db.url', { db: { url: 'postgresql://u:99?x@h:5432/d' } }, 'special characters in the password percent-encoded'],
  ['db.url', { db: { url: 'postgresql://u:p@h:99999/d' } }, 'postgresql://user:password@host:5432/database'],
  ['db', { db: 'postgresql://u:p@h/d' }, 'expected object'],
  ['download.max_connections', { download: { max_connections: -1 } }, '>=1'],
  ['download.check_hashes', { download: { check_hashes: 'often' } }, '"sample"'],
  ['downloads', { downloads: {} }, 'unknown setting'],
  ['dashboard.password', { dashboard: { password: 'short' } }, 'at least 8 characters'],
  ['dashboard.password', { dashboard: { password: '$2b$12$cut.off' } }, 'make one with `tgsync password`'],
  ['dashboard.password', { dashboard: { password: `$2b$31$${'a'.repeat(53)}` } }, 'make one with `tgsync password`'],
  [
    'dashboard.password_file',
    { dashboard: { password: 'correct-horse', password_file: '/x' } },
    'keep only one of them',
  ],
  ['dashboard.hosts.0', { dashboard: { hosts: ['http://nas.lan'] } }, 'such as "nas.lan"'],
  ['dashboard.hosts.1', { dashboard: { hosts: ['nas', 'nas.lan:3000'] } }, 'such as "nas.lan"'],
])('a wrong %s outside of tg is named', (path, wrong, remedy) => {
  const problems = problemsOf(JSON.stringify({ ...minimal, ...wrong }));
  expect(problems).toHaveLength(1);
  expect(problems[0]!.startsWith(`${path}: `)).toBe(true);
  expect(problems[0]).toContain(remedy);
});

test('all problems are reported at once', () => {
  const text = JSON.stringify({
    log: { level: 1, dri: null },
    tg: { api_hash: apiHash, chats: { x: {}, '-5': { range: [3] } } },
  });
  const paths = problemsOf(text).map((it) => it.split(': ')[0]);
  expect(paths.toSorted()).toEqual(['log.dri', 'log.level', 'tg.api_id', 'tg.chats.-5.range', 'tg.chats.x']);
});

test.each(['[]', 'null', '"text"', '5'])('%s is no settings at all', (text) => {
  expect(problemsOf(text)[0]).toMatch(/^the whole file: .*expected object/);
});

test('invalid JSON is reported by line and column', () => {
  expect(problemsOf('')[0]).toBe('line 1, column 1: not valid JSON (value expected)');
  expect(problemsOf('{\n  "tg": {\n    "api_id" 5\n  }\n}')[0]).toMatch(
    /^line 3, column 14: not valid JSON \(colon expected\)/,
  );
  const broken = '\n{ "tg": [ }';
  expect(problemsOf(`\uFEFF${broken}`)).toEqual(problemsOf(broken));
});

test.each(['[', '{"a":', '{"tg":{"chats":['])('%j, a hundred thousand times, is told in words', (it) => {
  expect(problemsOf(it.repeat(100_000))[0]).toMatch(/nested too deeply|not valid JSON/);
});

test.each([
  '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaA',
  '$6$saltsalt$aGFzaGhhc2hoYXNo',
  '$scrypt$ln=16,r=8,p=1$aM15$9P0',
  '{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr',
])('a hash of another kind is no plain password: %s', (password) => {
  expect(problemsOf(JSON.stringify({ ...minimal, dashboard: { password } }))).toEqual([
    expect.stringContaining('tgsync password'),
  ]);
});

test('a dollar sign alone does not make a hash', () => {
  const password = '$money$talks';
  expect(parseConfig(JSON.stringify({ ...minimal, dashboard: { password } })).dashboard.password).toBe(password);
});

test('two passphrases are one too many', () => {
  const tg = { ...minimal.tg, session_key: 'correct horse', session_key_file: '/appdata/key' };
  expect(problemsOf(JSON.stringify({ tg }))).toEqual([expect.stringMatching(/^tg.session_key_file: .*keep only one/)]);
});

test('a setting that appears twice is reported, as the first one would be lost silently', () => {
  const chats = '"chats": { "5": { "range": [1, 2] },\n "5": {} }';
  const text = `{ "tg": { "api_id": 1, "api_id": 2, "api_hash": "${apiHash}", ${chats} } }`;
  expect(problemsOf(text).map((it) => it.split(': ')[0])).toEqual(['tg.api_id', 'tg.chats.5']);
  expect(problemsOf(text)[1]).toContain('line 2, column 2');
});

test('problems never show a secret, wherever it was put', () => {
  const secret = 'k33p-m3-s3cr3t';
  const places = [
    withTg({ api_hash: secret }),
    withTg({ api_hash: secret, api_id: secret }),
    withTg({ server: secret }),
    withTg({ server: { dc: secret, host: 1, port: secret, public_key: secret } }),
    withTg({ message_limit: secret, session: [secret], chats: { '5': secret, '6': { range: [secret, secret] } } }),
    JSON.stringify({ ...minimal, db: { url: `mysql://me:${secret}@host/db` } }),
    JSON.stringify({ ...minimal, db: secret }),
    JSON.stringify({ ...minimal, log: { level: secret, dir: [secret] } }),
    `{ "tg": { "api_hash": "${secret}" `,
    `{ "tg": { "api_hash": ${secret} } }`,
    `{ "db": { "url": "postgresql://me:${secret}@h/d", "url": 'postgresql://me:${secret}@h/d' } }`,
  ];
  for (const text of places) {
    const problems = problemsOf(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join('\n'), text).not.toContain(secret);
  }
});

test('whatever is in the file, it is accepted or rejected with a message for the person', () => {
  const values = fc.oneof(
    fc.json(),
    fc.string(),
    fc.jsonValue().map((it) => withTg({ chats: it, session: it, server: it })),
  );
  fc.assert(
    fc.property(values, (text) => {
      try {
        parseConfig(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
      }
    }),
  );
});

/** A file with every setting, and a secret wherever one belongs. */
const secret = 'k33pm3s3cr3t';
const complete = {
  log: { level: 'info', dir: '/appdata/logs' },
  db: { url: `postgresql://me:${secret}@db.lan:5432/chats` },
  tg: {
    api_id: 12345,
    api_hash: apiHash,
    session: '/appdata/tgsync.session',
    session_key: secret,
    session_key_file: null,
    message_limit: 1000,
    lease_ttl: 15,
    server: { dc: 2, host: '127.0.0.1', port: 8002, public_key: `-----BEGIN RSA PUBLIC KEY-----\n${secret}` },
    proxy: `socks5h://me:${secret}@proxy.lan:1080`,
    chats: { '-1001234567890': { range: [5, 0] }, '42': {} },
  },
  dashboard: { host: '127.0.0.1', port: 3000, hosts: ['nas.lan'], password: secret, password_file: null },
  download: { max_connections: 8, min_free_space: '1 GiB' },
  media: {
    link: 'hard',
    max_name_bytes: 143,
    umask: '027',
    name: { photo: '{id:10}', document: '{id:10} {name}' },
    folder: '{title}/{date:7}',
    pad: 10,
  },
};

function pathsIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, it]) => pathsIn(it, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((it, at) => (String(at) === key ? replaced(it, rest, by) : (it as unknown)));
  return { ...(value as object), [key]: replaced((value as Record<string, unknown>)[key], rest, by) };
}

/** Rejected with a message for the person, or accepted: the paths of the problems, none of which shows a secret. */
function pathsOfProblems(text: string): string[] {
  try {
    parseConfig(text);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const { problems, message } = error as ConfigError;
    expect(problems.length).toBeGreaterThan(0);
    expect(message).not.toContain(secret);
    expect(message.toLowerCase()).not.toContain(apiHash.toLowerCase());
    for (const it of problems)
      expect(it).toMatch(/^(the whole file|line \d+, column \d+|[^\s:]+|[^\s:]*".*"[^\s:]*): ./s);
    return problems.map((it) => it.split(': ')[0]!);
  }
}

test('a file with every setting is accepted', () => {
  expect(pathsOfProblems(JSON.stringify(complete))).toEqual([]);
});

const anything = fc.oneof(
  fc.jsonValue().map((it) => it as unknown),
  fc.constantFrom<unknown>(secret, [secret], { a: secret }, `http://me:${secret}@h`, `postgresql://me:${secret}%@h/d`),
  fc.constantFrom<unknown>(`socks5://me:${secret}@h:99999`, `$2b$12$${secret}`, `${secret} GiB`, apiHash, [
    apiHash,
    apiHash,
  ]),
  fc.constantFrom<unknown>(null, -1, 0.5, 1e99, '', [], {}, true),
);

test('a wrong value anywhere in a valid file is reported by its path, and never shown', () => {
  fc.assert(
    fc.property(fc.constantFrom(...pathsIn(complete)), anything, (path, value) => {
      const at = path.join('.');
      for (const told of pathsOfProblems(JSON.stringify(replaced(complete, path, value)))) {
        const related = at === '' || told === at || told.startsWith(`${at}.`) || at.startsWith(`${told}.`);
        expect(related || told === 'the whole file', `${told} for ${at}`).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a typo anywhere in the text is reported without a secret', () => {
  const text = JSON.stringify(complete, null, 2);
  const slip = fc.tuple(
    fc.nat(text.length),
    fc.nat(3),
    fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('"', '{', '}', ',', '//', '/*')),
  );
  fc.assert(
    fc.property(slip, ([at, length, inserted]) => {
      pathsOfProblems(text.slice(0, at) + inserted + text.slice(at + length));
    }),
    { numRuns: 2000 },
  );
});

test('the error is a message for the person and names the file', () => {
  const error = new ConfigError(['a.b: c', 'd: e'], '/appdata/config.json');
  expect(error).toBeInstanceOf(PersonError);
  expect(error.message).toBe('/appdata/config.json has errors:\n  - a.b: c\n  - d: e');
});

test('what is recorded for the workers contains no secret', () => {
  const config = parseConfig(JSON.stringify({ ...minimal, db: { url: 'postgresql://me:pass@h/d' } }));
  const settings = settingsOf(config);
  expect(settingsSchema.parse(settings)).toEqual(settings);
  expect(JSON.stringify(settings)).not.toMatch(new RegExp(`${apiHash}|12345|pass`));
});

test('a umask is octal, in quotation marks, and leaves the owner all rights', () => {
  const withUmask = (umask: unknown) => JSON.stringify({ ...minimal, media: { umask } });
  const recorded = (umask: unknown) => settingsOf(parseConfig(withUmask(umask))).mediaUmask;
  expect(settingsOf(parseConfig(JSON.stringify(minimal))).mediaUmask).toBeNull();
  expect([recorded('027'), recorded('0077'), recorded('000'), recorded(null)]).toEqual([0o027, 0o077, 0, null]);
  for (const wrong of ['127', '27', '0x1f', '028', '00027', ''])
    expect(problemsOf(withUmask(wrong)), wrong).toEqual([
      'media.umask: octal digits that leave the owner all rights, such as "027" (files 0640, folders 0750)',
    ]);
  expect(problemsOf(withUmask(27))).toEqual(['media.umask: octal digits in quotation marks, such as "027", or null']);
});

test('the dashboard is open only if explicitly set; the old setting is accepted and has no effect', () => {
  const parsed = (dashboard: object) => parseConfig(JSON.stringify({ ...minimal, dashboard })).dashboard;
  expect(parsed({ host: '0.0.0.0' })).toMatchObject({ password: null, open_to_everyone: false });
  expect(parsed({ host: '0.0.0.0', trust_network: true })).toMatchObject({ open_to_everyone: false });
  expect(parsed({ open_to_everyone: true }).open_to_everyone).toBe(true);
  for (const more of [{ password: 'correct-horse' }, { password_file: '/run/secrets/x' }])
    expect(() => parsed({ open_to_everyone: true, ...more })).toThrow(
      /dashboard\.open_to_everyone: there is also a password; remove one of them/,
    );
});

test('the environment decides where the dashboard listens, and the result is checked', () => {
  const merged = (own: object | undefined, dashboard: object) =>
    parseConfig(JSON.stringify({ ...minimal, ...(own && { dashboard: own }) }), undefined, { dashboard }).dashboard;
  const everywhere = { host: '0.0.0.0', port: 3000 };
  const unset = { hosts: [], password: null, password_file: null, open_to_everyone: false };
  expect(merged(undefined, everywhere)).toEqual({ ...everywhere, ...unset });
  const own = { host: '127.0.0.1', port: 8080, password: 'correct-horse' };
  expect(merged(own, everywhere)).toEqual({ ...everywhere, ...unset, password: 'correct-horse' });
  expect(merged(own, { port: 3001 })).toMatchObject({ host: '127.0.0.1', port: 3001 });
  expect(() => merged(undefined, { ...everywhere, port: NaN })).toThrow(/dashboard\.port/);
  expect(() => parseConfig('{ "dashboard": 5 }', undefined, { dashboard: everywhere })).toThrow(/dashboard: .*object/);
});

describe('media.name and media.folder', () => {
  const mediaOf = (media: object) => parseConfig(JSON.stringify({ ...minimal, media })).media;

  test('one template is for photos and documents, or each has its own; none: the usual names', () => {
    expect(mediaOf({})).toMatchObject({ name: { photo: null, document: null }, folder: null, pad: 0 });
    expect(mediaOf({ name: '{id}' }).name).toEqual({ photo: '{id}', document: '{id}' });
    expect(mediaOf({ name: { photo: '{id}' } }).name).toEqual({ photo: '{id}', document: null });
    expect(mediaOf({ name: null }).name).toEqual({ photo: null, document: null });
  });

  test.for([
    [{ name: '{nam} {id}' }, 'media.name: has an unknown placeholder; there are {id}'],
    [{ name: { document: '{date}' } }, 'media.name.document: needs {id} or {media}'],
    [{ name: 5 }, 'media.name: a template such as'],
    [{ folder: '{date}' }, 'media.folder: needs {chat} or {title}'],
    [{ folder: '../{chat}' }, 'media.folder: no name may begin or end with a dot'],
    [{ pad: 30 }, 'media.pad: '],
  ] as const)('%j is refused by its path', ([media, problem]) => {
    expect(problemsOf(JSON.stringify({ ...minimal, media }))).toEqual([expect.stringContaining(problem)]);
  });
});

test('names, links, folders and everything are selectors with the same options, in their order', () => {
  const chats = {
    '*': { exclude: ['bot', 't.me/Spam', '-5'] },
    'https://t.me/News/17': { range: [1000, 0] },
    'folder:Work': {},
    'https://t.me/c/1234567890/1': {},
  };
  const config = parseConfig(withTg({ chats }));
  expect(wantedChats(config).map((it) => it.id)).toEqual([-1001234567890n]);
  expect(chatSelectors(config)).toMatchObject([
    { text: '*', kind: 'all', exclude: ['bot', '@spam', '-5'], wanted: { from: 0n, to: 0n } },
    { text: '@news', kind: 'name', exclude: [], wanted: { from: 1000n, to: 0n } },
    { text: 'folder:Work', kind: 'folder', exclude: [] },
  ]);
});

describe('rechecks', () => {
  const rulesOf = (recheck: unknown, ofChat?: unknown) =>
    wantedChats(
      parseConfig(
        withTg({
          ...(recheck !== undefined && { recheck }),
          chats: { 5: ofChat === undefined ? {} : { recheck: ofChat } },
        }),
      ),
    )[0]!.recheck;
  const day = 86_400;

  test('by default the last two days daily and the last thirty weekly', () => {
    expect(rulesOf(undefined)).toEqual([
      { last: 2 * day, every: day },
      { last: 30 * day, every: 7 * day },
    ]);
  });

  test('of a chat, of all messages, and none', () => {
    expect(rulesOf([{ last: '12 hours', every: '1 hour' }])).toEqual([{ last: day / 2, every: 3600 }]);
    expect(rulesOf(false)).toEqual([]);
    expect(rulesOf(false, [{ last: 'all', every: '4 weeks' }])).toEqual([{ last: null, every: 28 * day }]);
    expect(rulesOf(undefined, false)).toEqual([]);
  });

  test.each([
    [true, 'tg.recheck: false, or a list such as [{ "last": "2 days", "every": "1 day" }]'],
    [
      [{ last: '2 years', every: '1 day' }],
      'tg.recheck.0.last: "all", or a time such as "2 days": a number of hours, days or weeks',
    ],
    [
      [{ last: '2 days', every: 'daily' }],
      'tg.recheck.0.every: a time such as "2 days": a number of hours, days or weeks',
    ],
    [[], 'tg.recheck: at least one rule; false: none'],
  ])('%j is refused', (recheck, problem) => {
    expect(problemsOf(withTg({ recheck }))).toEqual([problem]);
  });
});
