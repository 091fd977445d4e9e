/** Where things are: the folders a person chose, and paths of config.json that refer to them. */
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { placeOfPath, readEnvironment, writeEnvironment } from './environment.js';

const env = readEnvironment({
  TGSYNC_APPDATA: '/srv/chosen settings',
  TGSYNC_MEDIA: '/mnt/disk/media',
  TGSYNC_TEMP: '/fast/temp',
  TGSYNC_DATA: '/srv/data',
});

test.each([
  ['/appdata', '/srv/chosen settings'],
  ['/appdata/', '/srv/chosen settings'],
  ['/appdata/tgsync.session', '/srv/chosen settings/tgsync.session'],
  ['/appdata/logs/of/today', '/srv/chosen settings/logs/of/today'],
  ['/media', '/mnt/disk/media'],
  ['/media/x', '/mnt/disk/media/x'],
  ['/temp/x', '/fast/temp/x'],
])('%s means the chosen folder', (path, place) => {
  expect(placeOfPath(path, env)).toBe(place);
});

test.each(['/appdata2/x', '/mediaserver', '/tempo', '/', '/var/appdata/x', '/Media/x'])('%s means itself', (path) => {
  expect(placeOfPath(path, env)).toBe(path);
});

test('a relative path is beside config.json', () => {
  expect(placeOfPath('my.session', env)).toBe('/srv/chosen settings/my.session');
  expect(placeOfPath('appdata/my.session', env)).toBe('/srv/chosen settings/appdata/my.session');
});

test('without any variable everything is in data, and the queues are in Postgres', () => {
  const data = resolve('data');
  const expected = {
    data,
    appdata: join(data, 'appdata'),
    media: join(data, 'media'),
    temp: join(data, 'temp'),
    defaultFolders: ['media', 'temp'],
    databaseUrl: undefined,
    redisUrl: undefined,
  };
  expect(readEnvironment({})).toEqual(expected);
});

test('an empty variable, as compose files pass on unset ones, counts as unset', () => {
  const empty = {
    TGSYNC_DATA: '',
    TGSYNC_APPDATA: '',
    TGSYNC_MEDIA: '',
    TGSYNC_TEMP: '',
    TGSYNC_DATABASE_URL: '',
    REDIS_URL: '',
    TGSYNC_CALLED_AS: '',
    TGSYNC_HEALTH_PORT: '',
    TGSYNC_DASHBOARD_HOST: '',
    TGSYNC_DASHBOARD_PORT: '',
    TGSYNC_DASHBOARD_URL: '',
  };
  expect(readEnvironment(empty)).toEqual(readEnvironment({}));
});

test('the folders follow TGSYNC_DATA unless they are chosen individually', () => {
  const some = readEnvironment({ TGSYNC_DATA: '/srv/data', TGSYNC_MEDIA: '/mnt/media' });
  expect(some).toMatchObject({ appdata: '/srv/data/appdata', media: '/mnt/media', temp: '/srv/data/temp' });
  expect(some.defaultFolders).toEqual(['temp']);
});

test('a child process finds the same places', () => {
  const dashboard = { host: '0.0.0.0', port: 3001 };
  const full = {
    ...env,
    databaseUrl: 'postgresql://a:b@h:1/d',
    redisUrl: 'redis://h:2',
    healthPort: 8080,
    dashboard,
    dashboardUrl: 'https://tg.example.org',
    calledAs: 'docker',
  };
  expect(readEnvironment(writeEnvironment(full))).toEqual(full);
  expect(readEnvironment(writeEnvironment(env))).toEqual(env);
  for (const chosen of [{}, { TGSYNC_MEDIA: '/mnt/media' }, { TGSYNC_TEMP: '/fast/temp' }]) {
    const some = readEnvironment({ TGSYNC_DATA: '/srv/data', ...chosen });
    expect(readEnvironment(writeEnvironment(some))).toEqual(some); // nothing that is only a default looks chosen
  }
  expect(Object.keys(writeEnvironment(env))).not.toContain('REDIS_URL');
});

test.each([
  ['TGSYNC_HEALTH_PORT', 'eighty'],
  ['TGSYNC_HEALTH_PORT', '70000'],
  ['TGSYNC_DASHBOARD_PORT', '3000x'],
  ['TGSYNC_DASHBOARD_URL', 'nas.lan:3000'],
  ['TGSYNC_DASHBOARD_URL', 'http://me:s3cret@nas.lan'],
  ['TGSYNC_DASHBOARD_URL', 'https://nas.lan/tgsync'],
  ['TGSYNC_DATABASE_URL', 'postgresql://tgsync:2024#s3cret@postgres:5432/tgsync'],
  ['TGSYNC_DATABASE_URL', 'postgresql://tgsync:12/s3cret@postgres:5432/tgsync'],
  ['TGSYNC_DATABASE_URL', 'postgresql://tgsync:99?s3cret@postgres:5432/tgsync'],
  ['TGSYNC_DATABASE_URL', 'mysql://u:s3cret@h/d'],
  ['REDIS_URL', 'redis://:s3cret#1@redis:6379'],
  ['REDIS_URL', 'redis://:s3cret/1@redis:6379'],
  ['REDIS_URL', 'redis://:s3cret%@redis:6379'],
  ['REDIS_URL', 'http://redis'],
  ['REDIS_URL', 'redis:6379'],
])('a wrong %s is told by its name, without the value', (variable, value) => {
  const read = () => readEnvironment({ [variable]: value });
  expect(read).toThrow(
    expect.objectContaining({ name: 'PersonError', message: expect.stringContaining(variable) as string }),
  );
  expect(read).not.toThrow(/s3cret/);
});

test.each([
  'redis://redis:6379',
  'redis://user:p%40ss@redis:6379/1',
  'rediss://redis',
  'redis://[::1]:6379',
  'unix:///run/redis.sock',
  'unix://:secret@/run/redis.sock',
  '/run/redis.sock',
])('REDIS_URL may be %s', (value) => {
  expect(readEnvironment({ REDIS_URL: value }).redisUrl).toBe(value);
});

test("TGSYNC_DATABASE_URL may be a socket, and in SQLAlchemy's form", () => {
  const read = (url: string) => readEnvironment({ TGSYNC_DATABASE_URL: url }).databaseUrl;
  expect(read('postgresql://tgsync@/tgsync?host=/sockets')).toBe('postgresql://tgsync@/tgsync?host=/sockets');
  expect(read('postgresql+psycopg2://u:p@h/d')).toBe('postgresql://u:p@h/d');
});
