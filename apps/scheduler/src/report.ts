/** report.ts: what failed for good and why, as text for people. */
import { type ChatStatus, chatStatuses, type Db, failedMedia, selectorRows } from '@tgsync/shared/db';

/** One line per chat or file that is not complete, and per name or folder that could not be resolved. */
export async function failures(db: Db): Promise<string[]> {
  const chats = (await chatStatuses(db)).filter((it) => it.state === 'unreadable');
  const media = await failedMedia(db);
  const selectors = (await selectorRows(db)).filter((it) => it.problem !== null);
  return [
    ...selectors.map((it) => `${it.text}: ${it.problem}`),
    ...chats.map((it: ChatStatus) => `chat ${it.id}${it.title ? ` (${it.title})` : ''}: ${it.reason}`),
    ...media.map((it) => `${it.kind} ${it.id}: ${prefixes[it.state] ?? ''}${it.reason}`),
  ];
}

const prefixes: Record<string, string> = {
  gone: 'no longer in Telegram: ',
  saved: 'saved, but a link cannot be created: ',
};
