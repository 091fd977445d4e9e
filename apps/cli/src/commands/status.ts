/** status.ts: `tgsync status [--json]`: per chat, what is stored and what is owed; then what failed and why. */
import type { Environment } from '@tgsync/shared/config';
import { type ChatStatus, chatStatuses, type FailedMedia, failedMedia } from '@tgsync/shared/db';
import { withArchive } from '../open-archive.js';
import { statusTable } from '../status-table.js';

export async function statusCommand(env: Environment, { json }: { json: boolean }): Promise<number> {
  await withArchive(env, async (db) => {
    const chats = await chatStatuses(db);
    const failed = await failedMedia(db);
    console.log(json ? asJson(chats, failed) : asText(chats, failed));
  });
  return 0;
}

function asText(chats: readonly ChatStatus[], failed: readonly FailedMedia[]): string {
  const problems = [
    ...chats.filter((it) => it.reason).map((it) => `chat ${it.id}: ${it.reason}`),
    ...failed.map((it) => `${it.kind} ${it.id} (${it.state}): ${it.reason}`),
  ];
  if (chats.length === 0)
    return 'No chats yet: put ids from chats.json into tg.chats of config.json, and restart the scheduler.';
  return [statusTable(chats), ...problems].join('\n');
}

function asJson(chats: readonly ChatStatus[], failed: readonly FailedMedia[]): string {
  return JSON.stringify(
    { chats, failed },
    (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
    2,
  );
}
