/** report.ts: what failed for good and why, as text for people. */
import { type ChatStatus, chatStatuses, type Db, failedMedia } from '@tgsync/shared/db';

/** One line per chat or file that is not complete. */
export async function failures(db: Db): Promise<string[]> {
  const chats = (await chatStatuses(db)).filter((it) => it.state === 'unreadable');
  const media = await failedMedia(db);
  return [
    ...chats.map((it: ChatStatus) => `chat ${it.id}${it.title ? ` (${it.title})` : ''}: ${it.reason}`),
    ...media.map((it) => `${it.kind} ${it.id}: ${prefixes[it.state] ?? ''}${it.reason}`),
  ];
}

const prefixes: Record<string, string> = {
  gone: 'no longer in Telegram: ',
  saved: 'saved, but a link cannot be created: ',
};
