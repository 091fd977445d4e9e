/**
 * history-page.ts: reads the owed messages of a chat between two ids and stores them page by page, each with its coverage in one
 * transaction. Safe to repeat: it asks Postgres what is still owed before it asks Telegram.
 */
import { type IdRange, subtract, wantedRange } from '@tgsync/shared/coverage';
import { type ChatRow, findChat, recordNotVisible, recordUnreadable, settledOf, storePage } from '@tgsync/shared/db';
import { RetryAfterError } from '@tgsync/shared/errors';
import type { JobContext, Payload } from '@tgsync/shared/jobs';
import { type Answer, ChatUnreadableError, getHistory, getMessages, pageLimit } from '@tgsync/shared/telegram';
import { hasOwnMessageIds } from '@tgsync/shared/peer-id';
import { type HistorySource, type PageOf, readGap, type Step } from '../read-gap.js';
import { isBigHead, readHead } from '../read-head.js';
import { logUnstorable } from '../log-unstorable.js';
import type { Deps } from './deps.js';

/** An answer, and when it was asked for, by the database's clock. */
type AskedAnswer = Answer & { asOf: Date };

interface HistoryAnswer extends PageOf {
  answer: AskedAnswer;
}

/** How long a page that failed after storing something waits. */
const againMs = 5000;

const progressMs = 1000;

const unreadWords = 'messages this version cannot read are kept as sent for a later version';

export const historyPage =
  (deps: Deps) =>
  async (payload: Payload<'history-page'>, context: JobContext): Promise<void> => {
    const { db } = deps;
    const chat = await findChat(db, payload.chatId);
    const wanted = chat?.wanted && chat.state === 'ok' ? wantedRange(chat) : undefined;
    if (!chat || !wanted) return;
    const piece = { from: max(payload.from, wanted.from), to: min(payload.to, wanted.to) };
    const owed = piece.from > piece.to ? [] : subtract(piece, (await settledOf(db, [chat.id])).get(chat.id) ?? []);
    const read = { messages: 0 };
    try {
      await readOwed(deps, chat, owed, payload.limit, context, read);
    } catch (error) {
      if (error instanceof ChatUnreadableError) {
        // The next survey finds out whether that is true, or only the access hash has changed.
        await recordUnreadable(db, chat, error.message, 0);
        context.log.warn({ chat: chat.id, reason: error.message }, 'chat cannot be read');
        return;
      }
      if (context.lastAttempt && !(error instanceof RetryAfterError) && !context.signal.aborted) {
        // A long history fails now and then: a failure that was overcome says nothing about the chat.
        if (read.messages > 0) throw new RetryAfterError(againMs, (error as Error).message);
        const reason = `could not read its history: ${(error as Error).message}`;
        await recordUnreadable(db, chat, reason, deps.settings.now.syncInterval * 1000);
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
  read: { messages: number },
): Promise<void> {
  const { account } = deps;
  const { log } = context;
  const ownIds = hasOwnMessageIds(chat.id);
  const source = sourceOf(deps, chat, context.signal);
  const progress = throttled(context);
  for (const gap of owed.toReversed()) {
    const steps = readGap(gap, source, {
      pageLimit: Math.min(pageLimit, limit),
      denseIds: ownIds,
      // A chat with its own ids has a job for each window of them, many at a time; another chat has only this one.
      ahead: ownIds ? 1 : deps.pages.most,
      most: ownIds ? Infinity : limit - read.messages,
    });
    for await (const { answer, proven } of ownIds ? withHeads(deps, chat, steps, context) : plain(steps)) {
      context.signal.throwIfAborted();
      const { from, to } = proven ?? gap;
      const messages = answer.messages.filter((it) => it.id >= from && it.id <= to);
      const page = { chatId: chat.id, accountId: account.selfId, messages, proven };
      const { peers, topics, asOf, pts } = answer;
      const media = await storePage(deps.db, { ...page, peers, topics, asOf, pts }, logUnstorable(log));
      await deps.emitter.emit(media, chat.title, messages);
      const unmapped = messages.filter((it) => !it.mapped);
      const [first] = unmapped;
      if (first) {
        const { id: message, unreadConstructor: constructor } = first;
        log.warn({ chat: chat.id, unmapped: unmapped.length, message, constructor }, unreadWords);
      }
      read.messages += messages.length;
      await progress({ stored: read.messages, at: proven?.from.toString() });
      if (read.messages >= limit && !ownIds) throw new RetryAfterError(0, 'more history to read'); // back to the end of the queue, for fairness
    }
  }
  log.debug({ chat: chat.id, stored: read.messages }, 'history read');
}

interface Read {
  answer: AskedAnswer;
  proven: IdRange | null;
}

async function* plain(steps: AsyncIterable<Step<HistoryAnswer>>): AsyncGenerator<Read> {
  for await (const { page, proven } of steps) yield { answer: page.answer, proven };
}

/** An empty part may be a head that the history does not show: a large one is not believed. */
async function* withHeads(
  deps: Deps,
  chat: ChatRow,
  steps: AsyncIterable<Step<HistoryAnswer>>,
  { signal, log }: JobContext,
): AsyncGenerator<Read> {
  for await (const { page, proven, isEmpty } of steps) {
    if (!isEmpty || !proven || !isBigHead(proven)) {
      yield { answer: page.answer, proven };
      continue;
    }
    const { db, account } = deps;
    let isThere = false;
    for await (const read of readHead(proven, (ids) => asked(deps, () => getMessages(account, chat, ids, signal)))) {
      isThere = true;
      yield read;
    }
    if (isThere) {
      log.info({ chat: chat.id, ...proven }, 'messages missing from the history were read by id');
    } else {
      await recordNotVisible(db, { chatId: chat.id, ownerId: 0n }, proven);
    }
  }
}

/** Each report is a statement of the queue's: one a second is enough to see it move. */
function throttled(context: JobContext): JobContext['progress'] {
  let reportedAt = -Infinity;
  return async (value) => {
    if (performance.now() - reportedAt < progressMs) return;
    reportedAt = performance.now();
    await context.progress(value);
  };
}

async function asked({ clock }: Deps, ask: () => Promise<Answer>): Promise<AskedAnswer> {
  const asOf = await clock.now();
  return { ...(await ask()), asOf };
}

function sourceOf(deps: Deps, chat: ChatRow, signal: AbortSignal): HistorySource<HistoryAnswer> {
  const { account, pages } = deps;
  const ask = async (offsetId: bigint, addOffset: number, limit: number): Promise<HistoryAnswer> => {
    const query = { offsetId: Number(offsetId), addOffset, limit };
    const answer = await pages.run(chat.id, signal, () => asked(deps, () => getHistory(account, chat, query, signal)));
    return { answer, ids: answer.ids };
  };
  return {
    below: (offset, limit, skip) => ask(offset, skip, limit),
    firstFrom: (id) => ask(id, -1, 1),
    newest: () => ask(0n, 0, 1),
  };
}

const max = (a: bigint, b: bigint) => (a > b ? a : b);
const min = (a: bigint, b: bigint) => (a < b ? a : b);
