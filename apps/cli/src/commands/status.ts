/** status.ts: `tgsync status [--json]`: per chat, what is stored and what is owed; then what failed and why. */
import { join } from 'node:path';
import { databaseUrlOf, type Environment, loadConfig } from '@tgsync/shared/config';
import {
  type ChatStatus,
  chatStatuses,
  closeDb,
  currentTroubles,
  type Db,
  type FailedMedia,
  failedMedia,
  loginProblem,
  openDb,
} from '@tgsync/shared/db';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { statusTable } from '../status-table.js';

export async function statusCommand(env: Environment, { json }: { json: boolean }): Promise<number> {
  await withDatabase(env, async (db) => {
    const chats = await chatStatuses(db);
    const failed = await failedMedia(db);
    const problem = await loginProblem(db);
    const troubles = [...(problem === null ? [] : [problem]), ...(await currentTroubles(db))];
    console.log(json ? asJson({ chats, failed, troubles }) : asText({ chats, failed, troubles }));
  });
  return 0;
}

/** The archive's database; an embedded one that is not running is started for the moment. */
async function withDatabase(env: Environment, use: (db: Db) => Promise<void>): Promise<void> {
  const config = loadConfig(env);
  const embedded =
    config.db.url || env.databaseUrl ? undefined : await openEmbeddedPostgres(join(env.data, 'postgres'));
  try {
    const db = await openDb(embedded?.url ?? databaseUrlOf(config, env), { patienceMs: 5000 });
    try {
      await use(db);
    } finally {
      await closeDb(db);
    }
  } finally {
    if (embedded?.started) await embedded.stop();
  }
}

interface Findings {
  chats: readonly ChatStatus[];
  failed: readonly FailedMedia[];
  /** What keeps the fleet from its work now. */
  troubles: readonly string[];
}

function asText({ chats, failed, troubles }: Findings): string {
  const problems = [
    ...troubles,
    ...chats.filter((it) => it.reason).map((it) => `chat ${it.id}: ${it.reason}`),
    ...failed.map((it) => `${it.kind} ${it.id} (${it.state}): ${it.reason}`),
  ];
  const table = chats.length
    ? statusTable(chats)
    : 'No chats yet: put ids from chats.json into tg.chats of config.json, and restart the scheduler.';
  return [table, ...problems].join('\n');
}

function asJson(findings: Findings): string {
  return JSON.stringify(findings, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), 2);
}
