/**
 * ask-again.ts: fetches messages again that were incomplete when they were stored: unsupported or unreadable in an older layer, with a preview
 * that was not ready, or a poll that is over by now. Messages stored as bytes that can be read by now are not requested.
 */
import {
  type ChatRow,
  databaseTime,
  findChat,
  type MessageRow,
  messagesToAskAgain,
  recordUnreadable,
  storeAskedAgain,
} from '@tgsync/shared/db';
import { RetryAfterError } from '@tgsync/shared/errors';
import type { JobContext, Payload } from '@tgsync/shared/jobs';
import {
  ChatUnreadableError,
  getMessages,
  getPollResults,
  isOfItem,
  messageFromBytes,
  openPolls,
  pageLimit,
} from '@tgsync/shared/telegram';
import { logUnstorable } from '../log-unstorable.js';
import type { Deps } from './deps.js';

interface AskAgainDeps extends Deps {
  /** Takes updates that came as the answer to a call. */
  onAnswer: (updates: unknown) => Promise<void>;
}

/** In practice Telegram allows about 300 ids per half minute. */
const paceMs = 10_000;

type AskedAgainAnswer = Pick<Parameters<typeof storeAskedAgain>[1], 'peers' | 'pts' | 'asOf'>;

export const askAgain =
  (deps: AskAgainDeps) =>
  async ({ chatId }: Payload<'ask-again'>, context: JobContext): Promise<void> => {
    const { signal, log } = context;
    const { db, account, clock, emitter } = deps;
    const chat = await findChat(db, chatId);
    if (!chat?.wanted || chat.state !== 'ok') return;
    const due = await messagesToAskAgain(db, chatId, pageLimit);
    if (due.length === 0) return;
    const read = due.flatMap(({ unread }) => {
      if (unread === null) return [];
      return messageFromBytes(Buffer.from(unread, 'base64'), account.selfId) ?? [];
    });
    const ids = due.map((it) => it.id).filter((id) => !read.some((it) => it.id === id));
    const store = async (messages: MessageRow[], asked: bigint[], answer: Partial<AskedAgainAnswer> = {}) => {
      if (asked.length === 0) return;
      const all = { peers: [], ...answer, chatId, accountId: account.selfId, messages, asked };
      await emitter.emit(await storeAskedAgain(db, all, logUnstorable(log)), chat.title, messages);
    };
    await store(
      read,
      read.map((it) => it.id),
    );
    try {
      const asOf = await clock.now();
      if (ids.length > 0) {
        const { messages, peers, pts } = await getMessages(account, chat, ids.map(Number), signal);
        const over = messages.filter(isPollOver);
        for (const it of over) {
          await askForResults(deps, chat, it, context);
          // That it is over is said by the message alone, as it is after its results. Each by itself: if a later one fails, this one is done.
          const then = { asOf: await databaseTime(db) };
          const answer = await getMessages(account, chat, [Number(it.id)], signal);
          await store(answer.messages, [it.id], { ...then, peers: answer.peers, pts: answer.pts });
        }
        const others = messages.filter((it) => !over.includes(it));
        const asked = ids.filter((id) => !over.some((it) => it.id === id));
        await store(others, asked, { peers, pts, asOf });
      }
    } catch (error) {
      if (!(error instanceof ChatUnreadableError)) throw error;
      return await recordUnreadable(db, chat, error.message);
    }
    log.info({ chat: chatId, asked: ids.length, read: read.length }, 'incomplete messages fetched again');
    if (due.length === pageLimit)
      throw new RetryAfterError(ids.length > 0 ? paceMs : 0, 'more incomplete messages to fetch');
  };

/** It need not be looked at again, and does not say its final results. */
const isPollOver = (message: MessageRow) => message.askAgainAt === null && openPolls([message]).length > 0;

/** Once: a poll that cannot be asked for stays as the message shows it, and holds up no other. */
async function askForResults(
  { account, onAnswer }: AskAgainDeps,
  chat: ChatRow,
  message: MessageRow,
  { signal, log, lastAttempt }: JobContext,
): Promise<void> {
  try {
    await onAnswer(await getPollResults(account, chat, openPolls([message])[0]!, signal));
  } catch (error) {
    const isPassing = error instanceof RetryAfterError || signal.aborted || !lastAttempt;
    if (error instanceof ChatUnreadableError || (isPassing && !isOfItem(error))) throw error;
    const reason = (error as Error).message;
    log.warn({ chat: chat.id, message: message.id, reason }, 'the results of a poll cannot be asked for');
  }
}
