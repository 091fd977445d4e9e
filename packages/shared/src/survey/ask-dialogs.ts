/**
 * ask-dialogs.ts: asks for the state of up to a hundred dialogs. A refused or unreadable answer does not say which of them is to blame,
 * so they are requested in smaller pieces until each has an answer of its own.
 */
import type { ChatRow } from '../db/index.js';
import { type Account, ChatUnreadableError, getPeerDialogs, isOfItem, type PeerDialogs } from '../telegram/index.js';

export interface AskedDialogs {
  answers: (PeerDialogs & { asked: readonly ChatRow[] })[];
  /** Chats that Telegram refuses each by itself. */
  refused: { chat: ChatRow; error: Error }[];
}

/** Throws errors that are no single chat's fault: a flood wait, a lost login or connection, or one refusal that every chat gets. */
export async function askDialogs(
  account: Account,
  chats: readonly ChatRow[],
  signal: AbortSignal,
): Promise<AskedDialogs> {
  const asked = await askPieces(account, chats, signal);
  const [first] = asked.refused;
  if (
    first &&
    chats.length > 1 &&
    asked.refused.length === chats.length &&
    !(first.error instanceof ChatUnreadableError)
  ) {
    if (asked.refused.every((it) => it.error.message === first.error.message)) throw first.error;
  }
  return asked;
}

async function askPieces(account: Account, chats: readonly ChatRow[], signal: AbortSignal): Promise<AskedDialogs> {
  if (chats.length === 0) return { answers: [], refused: [] };
  try {
    const answer = await getPeerDialogs(account, chats, signal);
    if (!answer.unread || chats.length === 1) return { answers: [{ ...answer, asked: chats }], refused: [] };
    return await askEach(account, pieces(chats, answer.unread.chatId), signal);
  } catch (error) {
    if (!isOfItem(error)) throw error;
    if (chats.length === 1) return { answers: [], refused: [{ chat: chats[0]!, error: error as Error }] };
    return await askEach(account, pieces(chats, null), signal);
  }
}

async function askEach(account: Account, all: readonly ChatRow[][], signal: AbortSignal): Promise<AskedDialogs> {
  const found: AskedDialogs = { answers: [], refused: [] };
  for (const one of all) {
    const { answers, refused } = await askPieces(account, one, signal);
    found.answers.push(...answers);
    found.refused.push(...refused);
  }
  return found;
}

/** The one to blame and the others, or two halves. */
function pieces(chats: readonly ChatRow[], blamed: bigint | null): ChatRow[][] {
  const others = chats.filter((it) => it.id !== blamed);
  if (others.length < chats.length) return [chats.filter((it) => it.id === blamed), others];
  const half = Math.ceil(chats.length / 2);
  return [chats.slice(0, half), chats.slice(half)];
}
