/** status.ts: `tgsync status [--json]`: per chat, what is stored and what is owed; then what failed and why. */
import type { Environment } from '@tgsync/shared/config';
import {
  type ChatStatus,
  chatStatuses,
  currentTroubles,
  type FailedMedia,
  failedMedia,
  loginProblem,
} from '@tgsync/shared/db';
import { withArchive } from '../open-archive.js';
import { statusTable } from '../status-table.js';

export async function statusCommand(env: Environment, { json }: { json: boolean }): Promise<number> {
  await withArchive(env, async (db) => {
    const chats = await chatStatuses(db);
    const failed = await failedMedia(db);
    const problem = await loginProblem(db);
    const troubles = [...(problem === null ? [] : [problem]), ...(await currentTroubles(db))];
    console.log(json ? asJson({ chats, failed, troubles }) : asText({ chats, failed, troubles }));
  });
  return 0;
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
