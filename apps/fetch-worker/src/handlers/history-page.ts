/**
 * history-page.ts: reads what is owed of a chat between two ids and stores it, page by page, each with its coverage in one transaction.
 * Safe to repeat: it asks Postgres what is still owed before it asks Telegram.
 */
import { type IdRange, subtract, wantedRange } from '@tgsync/shared/coverage';
import { type ChatRow, coverageOf, findChat, recordUnreadable, storePage } from '@tgsync/shared/db';
import { RetryAfterError } from '@tgsync/shared/errors';
import type { JobContext, Payload } from '@tgsync/shared/jobs';
import { type Answer, ChatUnreadableError, getHistory, messageRow, pageLimit, peerRows } from '@tgsync/shared/telegram';
import { hasOwnMessageIds } from '@tgsync/shared/peer-id';
import { type HistorySource, type PageOf, readGap } from '../read-gap.js';
import type { Deps } from './deps.js';

interface HistoryAnswer extends PageOf {
  answer: Answer;
}

/** When to look again at a chat that could not be read. */
const lookAgainMs = 6 * 3600 * 1000;

export const historyPage =
  (deps: Deps) =>
  async (payload: Payload<'history-page'>, context: JobContext): Promise<void> => {
    const { db } = deps;
    const chat = await findChat(db, payload.chatId);
    const wanted = chat?.wanted && chat.state === 'ok' ? wantedRange(chat) : undefined;
    if (!chat || !wanted) return;
    const piece = { from: max(payload.from, wanted.from), to: min(payload.to, wanted.to) };
    const owed = piece.from > piece.to ? [] : subtract(piece, (await coverageOf(db, [chat.id])).get(chat.id) ?? []);
    try {
      await readOwed(deps, chat, owed, payload.limit, context);
    } catch (error) {
      if (error instanceof ChatUnreadableError) {
        await recordUnreadable(db, chat.id, error.message, new Date(Date.now() + lookAgainMs));
        context.log.warn({ chat: chat.id, reason: error.message }, 'chat cannot be read');
        return;
      }
      if (context.lastAttempt && !(error instanceof RetryAfterError) && !context.signal.aborted) {
        const retryAt = new Date(Date.now() + deps.config.tg.sync_interval * 1000);
        await recordUnreadable(db, chat.id, `its history could not be read: ${(error as Error).message}`, retryAt);
      }
      throw error;
    }
  };

async function readOwed(
  deps: Deps,
  chat: ChatRow,
  owed: readonly IdRange[],
  limit: number,
  context: JobContext,
): Promise<void> {
  const { account } = deps;
  const { log } = context;
  const ownIds = hasOwnMessageIds(chat.id);
  const source = sourceOf(deps, chat, context.signal);
  let stored = 0;
  for (const gap of owed.toReversed()) {
    for await (const { page, proven } of readGap(gap, source, Math.min(pageLimit, limit), ownIds)) {
      context.signal.throwIfAborted();
      const messages = page.answer.messages
        .filter((it) => BigInt(it.id) >= gap.from && BigInt(it.id) <= gap.to)
        .flatMap((it) => messageRow(it, account.selfId) ?? []);
      const media = await storePage(deps.db, {
        chatId: chat.id,
        accountId: ownIds ? null : account.selfId,
        peers: peerRows(page.answer.users, page.answer.chats),
        messages,
        proven,
      });
      await deps.emitter.emit(media, chat.title, messages);
      const unmapped = messages.filter((it) => !it.mapped).length;
      if (unmapped > 0)
        log.warn({ chat: chat.id, unmapped }, 'messages of a form that this version cannot read were kept raw');
      stored += messages.length;
      await context.progress({ stored, at: proven?.from.toString() });
      if (stored >= limit && !ownIds) throw new RetryAfterError(0, 'more to read'); // to the end of the queue: fairness
    }
  }
  log.debug({ chat: chat.id, stored }, 'history read');
}

function sourceOf({ account }: Deps, chat: ChatRow, signal: AbortSignal): HistorySource<HistoryAnswer> {
  const ask = async (offsetId: bigint, addOffset: number, limit: number): Promise<HistoryAnswer> => {
    const answer = await getHistory(account, chat, { offsetId: Number(offsetId), addOffset, limit }, signal);
    return { answer, ids: answer.messages.map((it) => BigInt(it.id)) };
  };
  return {
    below: (offset, limit) => ask(offset, 0, limit),
    firstFrom: (id) => ask(id, -1, 1),
    newest: () => ask(0n, 0, 1),
  };
}

const max = (a: bigint, b: bigint) => (a > b ? a : b);
const min = (a: bigint, b: bigint) => (a < b ? a : b);
