/** titles.ts: a job's title for people who look at the queue. Pure. */
import { printableLine } from '../app/index.js';

const most = 80;

/** The chat's title and the file's name. */
export function mediaTitle(
  chat: string,
  { kind, id, name }: { kind: string; id: bigint; name?: string | null },
): string {
  return short(`${chat}: ${name || `${kind} ${id}`}`);
}

/** The chat's title and the range of message ids. */
export function historyTitle(chat: string, from: bigint, to: bigint): string {
  return short(`${chat}: messages ${from} to ${to}`);
}

/** `chats`: how many the job surveys. */
export function surveyTitle(chats: number): string {
  return `Check for new messages in ${chats} chat${chats === 1 ? '' : 's'}`;
}

/** Without control characters and direction marks: a title appears in a list of others. */
function short(text: string): string {
  const clean = printableLine(text).trim();
  return clean.length > most ? `${clean.slice(0, most - 1).toWellFormed()}…` : clean;
}
