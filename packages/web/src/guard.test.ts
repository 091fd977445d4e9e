/** Which requests the dashboard answers: those to its own names, and from its own page. */
import { expect, test } from 'vitest';
import { refusalOf } from './guard.js';

const own = { host: 'archive.lan', hosts: ['nas', 'tg.example.org'] };
const asked = (host: string | undefined, more: object = {}) =>
  refusalOf({ method: 'GET', host, origin: undefined, site: undefined, ...more }, own);
const changed = (host: string, origin: string | undefined, site?: string) =>
  asked(host, { method: 'PUT', origin, site })?.status;

test.each([
  'localhost',
  'localhost:3000',
  'LOCALHOST:3000',
  'localhost.:3000',
  'app.localhost',
  '127.0.0.1:3000',
  '192.168.1.5',
  '[::1]:3000',
  '[fe80::1]',
  'archive.lan:3000',
  'nas',
  'NAS:80',
  'tg.example.org',
])('the host %s is ours', (host) => {
  expect(asked(host)).toBeUndefined();
});

test.each([
  'evil.example',
  'evil.example:3000',
  'localhost.evil.example',
  'notlocalhost',
  'example.org',
  'x.tg.example.org',
  '127.0.0.1.evil.example',
  'nas.evil.example',
])('the host %s is not, and the answer says which setting would make it so', (host) => {
  expect(asked(host)).toEqual({ status: 421, reason: expect.stringContaining('dashboard.hosts') as string });
  expect(asked(host)!.reason).toContain(`"${host.split(':')[0]}"`);
});

test.each([undefined, '', 'evil.example@127.0.0.1', '127.0.0.1/x', '<b>', 'a b', '127.0.0.1:99999', 'x"y'])(
  'what is no host at all, %s, is refused and not repeated',
  (host) => {
    expect(asked(host)).toMatchObject({ status: 421 });
    expect(asked(host)!.reason).not.toMatch(/[<@]|" into/);
  },
);

test.each([
  ['127.0.0.1:3000', 'http://127.0.0.1:3000', undefined],
  ['127.0.0.1:3000', 'http://127.0.0.1:3000', 'same-origin'],
  ['localhost', 'http://localhost:80', undefined],
  ['nas', 'https://nas', 'same-origin'],
  ['nas:443', 'https://nas', undefined],
  ['127.0.0.1:3000', 'https://tg.example.org', 'same-origin'], // a proxy uses another name
  ['127.0.0.1:3000', undefined, undefined], // not a browser
  ['127.0.0.1:3000', undefined, 'none'],
])('a change at %s from a page of %s (%s) is done', (host, origin, site) => {
  expect(changed(host, origin, site)).toBeUndefined();
});

test.each([
  ['127.0.0.1:3000', 'null', undefined],
  ['127.0.0.1:3000', 'https://evil.example', undefined],
  ['127.0.0.1:3000', 'http://127.0.0.1:8080', undefined],
  ['127.0.0.1:3000', 'http://192.0.2.1:3000', undefined],
  ['127.0.0.1:3000', 'http://localhost:3000', undefined],
  ['nas', 'http://nas.evil.example', undefined],
  ['127.0.0.1:3000', 'nonsense', undefined],
  ['127.0.0.1:3000', undefined, 'cross-site'],
  ['127.0.0.1:3000', undefined, 'same-site'],
  ['127.0.0.1:3000', 'http://127.0.0.1:3000', 'cross-site'],
])('a change at %s from a page of %s (%s) is refused', (host, origin, site) => {
  expect(changed(host, origin, site)).toBe(403);
  for (const method of ['POST', 'PATCH', 'DELETE', 'OPTIONS'])
    expect(asked(host, { method, origin, site })).toMatchObject({
      status: 403,
      reason: expect.stringContaining('dashboard.hosts') as string,
    });
  expect(asked(host, { origin, site })).toBeUndefined(); // reading changes nothing, and the browser keeps the answer from the other site
});
