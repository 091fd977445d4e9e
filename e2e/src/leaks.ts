/**
 * leaks.ts: finds secrets in anything that can be read as text: literally, in hex, in base64 (also inside a longer string), and as lists of
 * bytes. Quoting never changes letters and digits, so each secret is recognised by a core of these.
 */
import { Redis } from 'ioredis';
import pg from 'pg';

export interface Secret {
  name: string;
  /** The unique part: a word of letters and digits, or bytes. */
  core: string | Buffer;
}

/** All texts to search, by where they come from. */
export type Evidence = Map<string, string>;

/** `<where>: <which secret> in <which form>`. */
export function leaksIn(evidence: Evidence, secrets: readonly Secret[]): string[] {
  const leaks: string[] = [];
  for (const { name, core } of secrets) {
    for (const [form, text] of formsOf(core)) {
      for (const [where, content] of evidence)
        if (form === 'hex' ? content.toLowerCase().includes(text) : content.includes(text))
          leaks.push(`${where}: ${name} in ${form}`);
    }
  }
  return leaks;
}

function formsOf(core: string | Buffer): [form: string, text: string][] {
  const bytes = typeof core === 'string' ? Buffer.from(core) : core;
  const hex = bytes.toString('hex');
  const list = [...bytes];
  return [
    ...(typeof core === 'string' ? ([['plain', core]] as [string, string][]) : []),
    ['hex', hex],
    ['spaced hex', hex.replace(/..(?=.)/g, '$& ')],
    ['bytes', list.join(',')],
    ['bytes', list.join(', ')],
    ['bytes', list.join('\n')],
    ...base64Forms(bytes).flatMap((it): [string, string][] => [
      ['base64', it],
      ['base64url', it.replaceAll('+', '-').replaceAll('/', '_')],
    ]),
  ];
}

/** What all base64 texts containing these bytes have in common, for each of the three possible alignments. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)),
  );
}

/** Every row of every table, including the queues' if they are in Postgres. */
export async function dumpPostgres(url: string): Promise<Evidence> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
       WHERE table_schema NOT IN ('pg_catalog', 'information_schema')`,
    );
    const dump: Evidence = new Map();
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT to_jsonb(it)::text AS row FROM ${name} it`);
      dump.set(`table ${name}`, rows.map((it) => it.row).join('\n'));
    }
    return dump;
  } finally {
    await client.end();
  }
}

/** Every key and its value. */
export async function dumpRedis(url: string): Promise<Evidence> {
  const redis = new Redis(url);
  try {
    const dump: Evidence = new Map();
    for (const key of await redis.keys('*'))
      dump.set(`redis ${key}`, `${key} ${JSON.stringify(await valueOf(redis, key))}`);
    return dump;
  } finally {
    redis.disconnect();
  }
}

async function valueOf(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  if (type === 'hash') return await redis.hgetall(key);
  if (type === 'list') return await redis.lrange(key, 0, -1);
  if (type === 'set') return await redis.smembers(key);
  if (type === 'zset') return await redis.zrange(key, '0', '-1');
  if (type === 'stream') return await redis.xrange(key, '-', '+');
  return await redis.get(key);
}
