/**
 * messages.ts: reading messages: history pages, messages by id, search. Deleted messages leave gaps, never shifted ids.
 */
import { RpcError, type Call, type Service } from '../service.js';
import type { TlObject } from '../tl/value.js';
import type { Chat } from '../world/chat.js';
import type { Message } from '../world/message.js';
import { messageEmptyTl, messageTl } from '../world/message-tl.js';
import { mix32 } from '../world/random.js';
import { readableChannel, readablePeer } from '../world/resolve.js';
import type { World } from '../world/world.js';
import { accountOnly } from './account-only.js';
import { historyWindow, type PagedList, type Window, type WindowQuery } from './history-window.js';
import { messagesAnswer } from './messages-answer.js';
import { FILTERS, foundMessages } from './search-filters.js';
import { messagesIn, shownHistory } from './shown-history.js';

interface PageQuery extends WindowQuery {
  readonly max_id: number;
  readonly min_id: number;
}

/** Cuts a page, filters it by max_id and min_id, and wraps it in an answer. */
function page(
  world: World,
  chat: Chat,
  list: PagedList,
  query: PageQuery,
  cut: (window: Window) => Message[],
): TlObject {
  const window = historyWindow(list, query);
  const kept = cut(window).filter((it) => (!query.max_id || it.id < query.max_id) && it.id > query.min_id);
  return messagesAnswer(
    world,
    chat,
    kept.map((it) => messageTl(chat, it)),
    {
      count: list.size,
      complete: kept.length === list.size,
      offset: query.offset_id ? window.start : undefined,
    },
  );
}

function getHistory(world: World, { query }: Call): TlObject {
  const chat = readablePeer(world, query['peer'] as TlObject);
  return page(world, chat, shownHistory(chat), query as unknown as PageQuery, (window) => messagesIn(chat, window));
}

function search(world: World, { query }: Call): TlObject {
  const chat = readablePeer(world, query['peer'] as TlObject);
  const found = foundMessages(chat, query);
  const list: PagedList = {
    size: found.length,
    countFrom: (id) => found.filter((it) => it.id >= id).length,
    countSince: (date) => found.filter((it) => it.date >= date).length,
  };
  const offsets = { ...query, offset_date: 0 } as unknown as PageQuery;
  return page(world, chat, list, offsets, ({ start, end }) => found.slice(start, end));
}

function getSearchCounters(world: World, { query }: Call): TlObject[] {
  const chat = readablePeer(world, query['peer'] as TlObject);
  return (query['filters'] as TlObject[]).map((filter) => {
    const matches = FILTERS[filter._];
    if (!matches) throw new RpcError(400, 'SEARCH_FILTER_INVALID');
    return { _: 'messages.searchCounter', filter, count: foundMessages(chat, { ...query, filter }).length };
  });
}

/** The id of an `InputMessage` within a chat. */
function namedId(input: TlObject, chatOf: (id: number) => Chat | undefined): number {
  const id = (input['id'] as number | undefined) ?? 0;
  if (input._ === 'inputMessageID') return id;
  const chat = chatOf(id);
  if (input._ === 'inputMessageReplyTo') {
    const reply = chat?.store.get(id)?.fields?.['reply_to'] as TlObject | undefined;
    return (reply?.['reply_to_msg_id'] as number | undefined) ?? 0;
  }
  if (input._ === 'inputMessagePinned' && chat) {
    for (const message of [...chat.messages].reverse()) if (message.fields?.['pinned']) return message.id;
  }
  return 0;
}

/** Messages by id; missing ones as `messageEmpty`, and in an order that clients must not rely on. */
function messagesById(ids: readonly TlObject[], chatOf: (id: number) => Chat | undefined): TlObject[] {
  if (ids.length === 0) throw new RpcError(400, 'MESSAGE_IDS_EMPTY');
  if (ids.length > 100) throw new RpcError(400, 'MSG_ID_INVALID');
  const wanted = [...new Set(ids.map((it) => namedId(it, chatOf)))];
  const shuffled = wanted.toSorted((a, b) => mix32(a, 7) - mix32(b, 7) || a - b);
  if (shuffled.length > 1 && shuffled.every((id, index) => id === wanted[index])) shuffled.reverse();
  return shuffled.map((id) => {
    const chat = chatOf(id);
    const message = chat && id > chat.availableMinId ? chat.store.get(id) : undefined;
    return chat && message ? messageTl(chat, message) : messageEmptyTl(id);
  });
}

function getMessages(world: World, { query }: Call): TlObject {
  const messages = messagesById(query['id'] as TlObject[], (id) => world.chatOfCommonId(id));
  return messagesAnswer(world, undefined, messages, { count: messages.length, complete: true });
}

function getChannelMessages(world: World, { query }: Call): TlObject {
  const chat = readableChannel(world, query['channel'] as TlObject);
  const messages = messagesById(query['id'] as TlObject[], () => chat);
  return messagesAnswer(world, chat, messages, { count: messages.length, complete: true });
}

/** The service for reading messages. */
export const messagesService = (world: World): Service =>
  accountOnly({
    'messages.getHistory': (call) => getHistory(world, call),
    'messages.search': (call) => search(world, call),
    'messages.getSearchCounters': (call) => getSearchCounters(world, call),
    'messages.getMessages': (call) => getMessages(world, call),
    'channels.getMessages': (call) => getChannelMessages(world, call),
  });
