/** database.ts: a database for each test, cloned from the migrated template in a few milliseconds. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';

async function asAdmin(templateUrl: string, sql: string): Promise<void> {
  const url = new URL(templateUrl);
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export async function cloneDatabase(templateUrl: string): Promise<string> {
  const url = new URL(templateUrl);
  const template = url.pathname.slice(1);
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(templateUrl, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
  url.pathname = `/${name}`;
  return url.href;
}

export async function dropDatabase(templateUrl: string, url: string): Promise<void> {
  await asAdmin(templateUrl, `DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
}
