/**
 * ask-again.ts: fetches messages again that were incomplete when they were stored: unsupported or unreadable in an older layer, or with a
 * preview that was not ready. Messages stored as bytes that can be read by now are not requested.
 */
import { findChat, messagesToAskAgain, recordUnreadable, storeAskedAgain } from '@tgsync/shared/db';
import { RetryAfterError } from '@tgsync/shared/errors';
import type { JobContext, Payload } from '@tgsync/shared/jobs';
import { ChatUnreadableError, getMessages, messageFromBytes, pageLimit } from '@tgsync/shared/telegram';
import type { Deps } from './deps.js';

/** In practice Telegram allows about 300 ids per half minute. */
const paceMs = 10_000;

export const askAgain =
  ({ db, account, emitter }: Deps) =>
  async ({ chatId }: Payload<'ask-again'>, { signal, log }: JobContext): Promise<void> => {
    const chat = await findChat(db, chatId);
    if (!chat?.wanted || chat.state !== 'ok') return;
    const due = await messagesToAskAgain(db, chatId, pageLimit);
    if (due.length === 0) return;
    const read = due.flatMap(({ unread }) => {
      if (unread === null) return [];
      return messageFromBytes(Buffer.from(unread, 'base64'), account.selfId) ?? [];
    });
    const ids = due.map((it) => it.id).filter((id) => !read.some((it) => it.id === id));
    try {
      const answer =
        ids.length > 0 ? await getMessages(account, chat, ids.map(Number), signal) : { messages: [], peers: [] };
      const messages = [...read, ...answer.messages];
      const asked = due.map((it) => it.id);
      const media = await storeAskedAgain(db, {
        chatId,
        accountId: account.selfId,
        peers: answer.peers,
        messages,
        asked,
      });
      await emitter.emit(media, chat.title, messages);
    } catch (error) {
      if (!(error instanceof ChatUnreadableError)) throw error;
      return await recordUnreadable(db, chat, error.message);
    }
    log.info({ chat: chatId, asked: ids.length, read: read.length }, 'incomplete messages fetched again');
    if (due.length === pageLimit)
      throw new RetryAfterError(ids.length > 0 ? paceMs : 0, 'more incomplete messages to fetch');
  };
