/** However a database is reached (TLS, a socket, an IPv6 literal, parameters), queries, migrations and queues all reach it that way. */
import { appendFileSync, chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { closeDb, openDb } from '@tgsync/shared/db';
import { bare } from '@tgsync/shared/db/bare';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { openQueues } from '@tgsync/shared/jobs';
import pg from 'pg';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
let server: EmbeddedPostgres;
let given: URL;
const databases: string[] = [];
const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some((it) => it.address === '::1'));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tgsync-reach-'));
  chmodSync(folder, 0o755); // when run as root, the server runs as another user
  mkdirSync(join(folder, 'sockets'));
  chmodSync(join(folder, 'sockets'), 0o777);
  const settings = {
    listen_addresses: '127.0.0.1,::1',
    unix_socket_directories: join(folder, 'sockets'),
    fsync: 'off',
  };
  server = await openEmbeddedPostgres(join(folder, 'postgres'), { settings });
  given = new URL(server.url);
  const names = [{ type: 2, value: 'localhost' } as const, { type: 7, ip: '127.0.0.1' } as const];
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: names }],
  });
  writeFileSync(join(folder, 'ca.pem'), cert);
  writeFileSync(join(server.data, 'server.crt'), cert);
  writeFileSync(join(server.data, 'server.key'), key, { mode: 0o600 });
  const { uid, gid } = statSync(server.data);
  for (const name of ['server.crt', 'server.key']) chownSync(join(server.data, name), uid, gid);
  const hba = join(server.data, 'pg_hba.conf');
  writeFileSync(hba, 'local all all scram-sha-256\nhostssl all all all scram-sha-256\n');
  appendFileSync(join(server.data, 'postgresql.conf'), 'ssl = on\n');
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect(); // the last connection without TLS
  await admin.query('SELECT pg_reload_conf()');
  await admin.end();
});

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens an empty database with migrations, queries and queues; returns how their connections arrived. */
async function reach(url: (database: string) => string): Promise<{ ssl: boolean; local: boolean; tables: number }> {
  const database = `reach_${databases.length}`;
  databases.push(database);
  const admin = new pg.Client({
    host: join(folder, 'sockets'),
    port: Number(given.port),
    user: 'tgsync',
    password: given.password,
  });
  await admin.connect();
  try {
    await admin.query(`CREATE DATABASE ${database}`);
    const db = bare(await openDb(url(database), { migrate: true, queues: true, patienceMs: 5000 }));
    const queues = await openQueues({ redisUrl: undefined, databaseUrl: url(database), archive: 'test' }, () => {});
    try {
      expect(await db.message.count()).toBe(0);
      expect(await queues.counts('media')).toMatchObject({ waiting: 0 });
      const { rows } = await admin.query<{ ssl: boolean; local: boolean }>(
        `SELECT DISTINCT ssl, client_addr IS NULL AS local FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE datname = '${database}'`,
      );
      expect(rows).toHaveLength(1);
      const tables = await db.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM pg_tables WHERE schemaname = 'bullmq'`;
      return { ...rows[0]!, tables: tables[0]!.count };
    } finally {
      await queues.close();
      await closeDb(db);
    }
  } finally {
    await admin.end();
  }
}

const tcp = (host: string, parameters: string) => (database: string) =>
  `postgresql://tgsync:${given.password}@${host}:${given.port}/${database}${parameters}`;
const queueTables = expect.any(Number) as number;

test('a server that accepts only TLS', async () => {
  expect(await reach(tcp('127.0.0.1', '?sslmode=no-verify'))).toEqual({ ssl: true, local: false, tables: queueTables });
  await expect(reach(tcp('127.0.0.1', ''))).rejects.toMatchObject({ name: 'PersonError' });
});

test('a certificate whose CA is known, and one whose CA is not', async () => {
  const known = `?sslmode=verify-full&sslrootcert=${join(folder, 'ca.pem')}`;
  expect(await reach(tcp('localhost', known))).toMatchObject({ ssl: true, local: false });
  const asLibpq = '?uselibpqcompat=true&sslmode=require';
  expect(await reach(tcp('127.0.0.1', asLibpq))).toMatchObject({ ssl: true, local: false });
  await expect(reach(tcp('127.0.0.1', '?sslmode=require'))).rejects.toMatchObject({
    name: 'PersonError',
    message: expect.stringMatching(/not trusted.*sslrootcert/) as string,
  });
  await expect(reach(tcp('127.0.0.1', '?sslrootcert=/nowhere/ca.pem'))).rejects.toMatchObject({
    name: 'PersonError',
    message: expect.stringMatching(/\/nowhere\/ca.pem cannot be read \(ENOENT\)/) as string,
  });
});

test('host and port given as parameters take precedence', async () => {
  const url = (database: string) =>
    `postgresql://tgsync:${given.password}@192.0.2.1:1/${database}?host=127.0.0.1&port=${given.port}&sslmode=no-verify`;
  expect(await reach(url)).toMatchObject({ ssl: true, local: false });
});

test('a socket', async () => {
  const url = (database: string) =>
    `postgresql://tgsync:${given.password}@/${database}?host=${join(folder, 'sockets')}&port=${given.port}`;
  expect(await reach(url)).toMatchObject({ ssl: false, local: true });
});

test.skipIf(!hasIpv6)('an IPv6 literal', async () => {
  expect(await reach(tcp('[::1]', '?sslmode=no-verify'))).toMatchObject({ ssl: true, local: false });
});

test("the person's options are combined with ours: the queues still have their own schema", async () => {
  const { tables } = await reach(tcp('127.0.0.1', '?sslmode=no-verify&options=-c%20statement_timeout%3D30s'));
  expect(tables).toBeGreaterThan(0);
});
