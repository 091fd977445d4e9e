/** config.json as the original tool's versions write it: each name and form, both names at once, and what it must not become. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { translateOriginal } from './original-names.js';
import { ConfigError, parseConfig } from './parse.js';

const tg = { api_id: 12345, api_hash: '0123456789abcdef0123456789abcdef' };
const parsed = (config: object) => parseConfig(JSON.stringify({ tg, ...config }));

function problemsOf(config: object): readonly string[] {
  try {
    parsed(config);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('the file was accepted');
}

test("the example of the original's later versions is understood, with its credentials filled in", () => {
  const config = parsed({
    log: { level: 'INFO', dir: null },
    db: { url: 'postgresql+psycopg2://tgsync:tgsync@postgres:5432/tgsync' },
    tg: {
      ...tg,
      session: '/appdata/tgsync-default.session',
      message_limit: 2000,
      chats: { '-10023333333': {}, '-10066666666': { range: [500, 0] }, '-10077777777': { media: false } },
    },
    download: { media: '/media', incomplete: '/incomplete', concurrent: 6, timeout: 60, summary_interval: 45 },
  });
  expect(config).toMatchObject({
    log: { level: 'info' },
    tg: { message_limit: 2000, concurrent_downloads: 6, progress_summary_interval: 45 },
    download: { media: '/media', incomplete: '/incomplete', request_timeout: 60 },
  });
  expect(Object.keys(config.tg.chats)).toHaveLength(3);
});

test.each([
  ['concurrent', 'tg', 'concurrent_downloads', 7],
  ['timeout', 'download', 'request_timeout', 90],
  ['summary_interval', 'tg', 'progress_summary_interval', 15],
] as const)('download.%s is %s.%s', (theirs, section, key, value) => {
  expect(parsed({ download: { [theirs]: value } })[section]).toMatchObject({ [key]: value });
  expect(problemsOf({ download: { [theirs]: 'x' } })).toEqual([
    `download.${theirs}: Invalid input: expected number, received string`,
  ]);
  const both = { ...(section === 'tg' ? { tg: { ...tg, [key]: value } } : {}), download: { [theirs]: value } };
  if (section === 'download') Object.assign(both.download, { [key]: value });
  expect(problemsOf(both)).toEqual([
    `download.${theirs}: there is also ${section}.${key}, which means the same; keep only one of them`,
  ]);
});

test('the other name takes no error of its own: only the section that is wrong is reported', () => {
  expect(problemsOf({ tg: 5, download: { concurrent: 4 } })).toEqual([expect.stringMatching(/^tg: .*expected object/)]);
  expect(problemsOf({ download: 5 })).toEqual([expect.stringMatching(/^download: .*expected object/)]);
});

test.each([
  ['TRACE', 'trace'],
  ['DEBUG', 'debug'],
  ['INFO', 'info'],
  ['SUCCESS', 'info'],
  ['WARNING', 'warn'],
  ['ERROR', 'error'],
  ['CRITICAL', 'fatal'],
  ['warn', 'warn'],
])('log.level %s is %s', (theirs, ours) => {
  expect(parsed({ log: { level: theirs } }).log.level).toBe(ours);
});

test.each(['Info', 'LOUD', 'FATAL '])('log.level %s is none', (level) => {
  expect(problemsOf({ log: { level } })).toEqual([expect.stringContaining('"debug"')]);
});

const full = { port: 1080, username: 'me', password: 'p@ss:w/rd' };
test.each<[unknown, string]>([
  [{ proxy_type: 'socks5', addr: 'proxy.lan', rdns: true, ...full }, 'socks5h://me:p%40ss%3Aw%2Frd@proxy.lan:1080'],
  [{ type: 'SOCKS5', host: 'proxy.lan', rdns: false, ...full }, 'socks5://me:p%40ss%3Aw%2Frd@proxy.lan:1080'],
  [{ type: 2, hostname: '10.0.0.1', port: '1080' }, 'socks5h://10.0.0.1:1080'],
  [{ type: 'socks5', addr: 'h', port: 1, username: null, password: null }, 'socks5h://h:1'],
  [{ type: 'socks5', addr: 'h', port: 1, username: 'only' }, 'socks5h://only@h:1'],
  [['socks5', 'h', 1080, true, 'me', 'pass'], 'socks5h://me:pass@h:1080'],
  [['socks5', 'h', 1080, false], 'socks5://h:1080'],
  [[2, 'h', 1080], 'socks5h://h:1080'],
  ['socks5://h:1080', 'socks5://h:1080'],
  [null, null as unknown as string],
])('tg.proxy %j is understood', (proxy, url) => {
  expect(parsed({ tg: { ...tg, proxy } }).tg.proxy).toBe(url);
});

test.each<unknown>([
  { type: 'http', addr: 'h', port: 1 },
  { type: 'socks4', addr: 'h', port: 1 },
  { type: 'socks5', addr: 'h' },
  { type: 'socks5', addr: 'h', port: 99_999 },
  { type: 'socks5', addr: 'h', port: 1.5 },
  { type: 'socks5', addr: 'h/x', port: 1 },
  { type: 'socks5', addr: 'a@h', port: 1 },
  { type: 'socks5', addr: 'h', port: 1, usrname: 'k33ps3cr3t' },
  { type: 'socks5', addr: 'h', host: 'i', port: 1 },
  { type: 'socks5', addr: 'h', port: 1, username: 'me', password: { k33ps3cr3t: 1 } },
  ['socks5', 'h', 1, true, 'me', 'k33ps3cr3t', 'more'],
  ['socks5'],
  [],
  5,
])('tg.proxy %j is refused, without showing it', (proxy) => {
  const problems = problemsOf({ tg: { ...tg, proxy } });
  expect(problems).toEqual([expect.stringMatching(/^tg\.proxy: .*socks5h?:\/\//)]);
  expect(problems[0]).not.toContain('k33ps3cr3t');
});

test('any login of a proxy arrives as it was written', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 });
  fc.assert(
    fc.property(text, text, (username, password) => {
      const { proxy } = parsed({ tg: { ...tg, proxy: { type: 'socks5', addr: 'h', port: 1, username, password } } }).tg;
      const url = new URL(proxy!);
      expect([url.username, url.password].map(decodeURIComponent)).toEqual([username, password]);
    }),
  );
});

test('what has none of these names is left exactly as it is', () => {
  const own = fc.jsonValue().filter((it) => !JSON.stringify(it).match(/"(download|tg|log)"/));
  fc.assert(
    fc.property(own, (value) => {
      expect(translateOriginal(value).value).toBe(value);
    }),
  );
});

test('whatever stands under these names, it is accepted or refused with a message for the person', () => {
  const record = { concurrent: fc.jsonValue(), timeout: fc.jsonValue(), summary_interval: fc.jsonValue() };
  const download = fc.oneof(fc.jsonValue(), fc.record(record, { requiredKeys: [] }));
  const proxy = fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue(), { maxLength: 7 }));
  fc.assert(
    fc.property(download, proxy, fc.jsonValue(), (given, it, level) => {
      try {
        parsed({ download: given, tg: { ...tg, proxy: it }, log: { level } });
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
      }
    }),
  );
});
