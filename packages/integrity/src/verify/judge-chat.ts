/** judge-chat.ts: has everything wanted of a chat been read, as far as Telegram has it? Pure. */
import { type IdRange, lacksBounds, subtract, union, type WantedOfChat, wantedRange } from '@tgsync/shared/coverage';
import type { ChatRow } from '@tgsync/shared/db';
import type { Finding } from './finding.js';

type Judged = Pick<
  ChatRow,
  'id' | 'title' | 'state' | 'stateReason' | 'rangeFrom' | 'rangeTo' | 'topMessage' | 'migratedTo'
> &
  WantedOfChat;

export function judgeChat(
  chat: Judged,
  covered: readonly IdRange[],
  notVisible: readonly IdRange[],
  wanted: ReadonlySet<bigint>,
): Finding[] {
  const { id: chatId, title } = chat;
  if (chat.state === 'unknown' || (chat.state === 'ok' && lacksBounds(chat)))
    return [{ kind: 'chat-not-surveyed', chatId }];
  const findings: Finding[] = [];
  if (chat.state === 'unreadable')
    findings.push({ kind: 'chat-unreadable', chatId, detail: chat.stateReason ?? 'for an unknown reason' });
  const range = wantedRange(chat);
  for (const { from, to } of notVisible.flatMap((it) => subtract(it, covered)))
    findings.push({
      kind: 'range-not-visible',
      chatId,
      detail: `messages ${from} to ${to} of ${title || 'a chat without a title'}`,
    });
  for (const { from, to } of range ? subtract(range, union([...covered, ...notVisible])) : [])
    findings.push({
      kind: 'range-owed',
      chatId,
      detail: `messages ${from} to ${to} of ${title || 'a chat without a title'}`,
    });
  if (chat.migratedTo !== null && !wanted.has(chat.migratedTo))
    findings.push({ kind: 'chat-migrated', chatId, detail: `it continues as ${chat.migratedTo}` });
  return findings;
}
