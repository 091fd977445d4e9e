/**
 * sample.ts: looks at what a chat holds that was not read yet, for `tgsync plan`: all of it if that is little, otherwise pages spread evenly
 * over it. Nothing of it is stored as read.
 */
import type { Logger } from '../app/index.js';
import { type IdRange, sizeOf, subtract, wantedRange } from '../coverage/index.js';
import {
  type ChatRow,
  type Db,
  databaseTime,
  findChat,
  type MessageRow,
  recordSample,
  type SampledMessage,
  type SampledWindow,
  type SampleRequest,
  settledOf,
} from '../db/index.js';
import { hasOwnMessageIds } from '../peer-id/index.js';
import { type Account, ChatUnreadableError, getHistory, pageLimit } from '../telegram/index.js';
import { boundsOf } from './bounds.js';
import { DialogsWalker } from './dialogs-walker.js';
import { isReachable } from './reachable.js';

interface Deps {
  account: Account;
  db: Db;
}

interface Context {
  signal: AbortSignal;
  log: Logger;
}

/** How many pages are asked for, of a chat that holds more than as many. */
const pages = 10;

/** Samples chats, for whoever holds the account. Throws RetryAfterError on a flood wait or an outage. */
export function sampler(deps: Deps): (request: SampleRequest, context: Context) => Promise<void> {
  const walker = new DialogsWalker(deps);
  return async (request, context) => {
    const { db, account } = deps;
    const find = async () => await findChat(db, request.chatId);
    const isKnown = (chat: ChatRow | null) => chat !== null && isReachable(chat);
    await walker.walkUntil(async () => isKnown(await find()), context.signal);
    const chat = await find();
    try {
      if (!chat || !isKnown(chat)) throw new ChatUnreadableError('this account has no chat with this id');
      await recordSample(db, account.selfId, request, await sample(deps, { ...chat, ...asWanted(request) }, context));
    } catch (error) {
      if (!(error instanceof ChatUnreadableError)) throw error;
      await recordSample(db, account.selfId, request, { problem: error.message });
    }
  };
}

const asWanted = ({ from, to, since, until }: SampleRequest) => ({ rangeFrom: from, rangeTo: to, since, until });

async function sample({ db, account }: Deps, chat: ChatRow, context: Context) {
  const { signal } = context;
  const now = await databaseTime(db);
  const newest = await getHistory(account, chat, { offsetId: 0, limit: 1 }, signal);
  const bounds = await boundsOf(account, chat, now, signal);
  const range = wantedRange({ ...chat, ...bounds, boundsAt: now, topMessage: newest.ids[0] ?? 0n });
  const owed = range ? subtract(range, (await settledOf(db, [chat.id])).get(chat.id) ?? []) : [];
  const below = async (offset: bigint) => {
    const page = await getHistory(account, chat, { offsetId: Number(offset), limit: pageLimit }, signal);
    return page.messages.filter((it) => it.id < offset);
  };
  const whole = await readWhole(owed, below, hasOwnMessageIds(chat.id));
  const owedIds = sizeOf(owed);
  if (whole) return { owedIds, isExact: true, windows: whole };
  const windows: SampledWindow[] = [];
  for (const offset of spread(owed, pages)) windows.push(windowOf(owed, offset, await below(offset)));
  return { owedIds, isExact: false, windows };
}

type Below = (offset: bigint) => Promise<MessageRow[]>;

/** Everything, if it takes only so many pages; undefined: it does not. */
async function readWhole(
  owed: readonly IdRange[],
  below: Below,
  denseIds: boolean,
): Promise<SampledWindow[] | undefined> {
  if (denseIds && sizeOf(owed) > BigInt(pages * pageLimit)) return undefined;
  const windows: SampledWindow[] = [];
  for (const range of owed.toReversed()) {
    for (let offset = range.to + 1n; offset > range.from;) {
      if (windows.length === pages) return undefined;
      const window = windowOf([range], offset, await below(offset));
      windows.push(window);
      offset = window.from;
    }
  }
  return windows;
}

/** What a page that was asked for from an offset tells of the owed ids; an empty one: that there is nothing below it. */
function windowOf(owed: readonly IdRange[], offset: bigint, messages: readonly MessageRow[]): SampledWindow {
  const range = owed.findLast((it) => it.from < offset)!;
  const lowest = messages.reduce((least, it) => (it.id < least ? it.id : least), offset);
  const from = messages.length === 0 || lowest < range.from ? range.from : lowest;
  const within = messages.filter((it) => it.id >= from && it.id < offset);
  return { from, to: offset - 1n, messages: within.map(sampled) };
}

function sampled({ id, date, message, senderId, topicId, media }: MessageRow): SampledMessage {
  const files = media.map(({ kind, id: mediaId, category, type, name, size }) => {
    return { kind, id: mediaId, category, type, name, size };
  });
  return { id, date, caption: files.length > 0 ? message : null, senderId, topicId, media: files };
}

/** So many offsets, spread evenly over the ids of the ranges. */
export function spread(owed: readonly IdRange[], count: number): bigint[] {
  const size = sizeOf(owed);
  return Array.from({ length: count }, (_, index) => {
    let place = (size * BigInt(2 * index + 1)) / BigInt(2 * count);
    for (const { from, to } of owed) {
      if (place <= to - from) return from + place + 1n;
      place -= to - from + 1n;
    }
    throw new Error('there is no such place');
  });
}
