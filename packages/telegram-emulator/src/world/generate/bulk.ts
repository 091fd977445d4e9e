/**
 * bulk.ts: everyday conversation in the chats, up to the requested number of messages and files.
 * All chats talk at the same time, so the ids that private chats and basic groups share are interleaved.
 */
import type { Chat } from '../chat.js';
import type { Message, NewMessage } from '../message.js';
import { mix32 } from '../random.js';
import { topicReply } from './cast.js';
import { carry, fitsAlbum, type PlannedFile } from './file-plan.js';
import { friend, say, sayAlbum, type Kit } from './kit.js';
import { phrase, smallTalk } from './texts.js';

/** A chat, and its share of the conversation. */
export interface Talker {
  readonly chat: Chat;
  readonly share: number;
}

function textMessage(kit: Kit, chat: Chat): NewMessage {
  const { random } = kit;
  const text = smallTalk(random);
  const views = chat.kind === 'channel' ? { views: random.between(10, 9_000), forwards: random.int(40) } : {};
  const replyTo = topicReply(kit, chat);
  if (replyTo) return { text, replyTo };
  if (chat.store.size && random.chance(0.12))
    return { text, ...views, replyTo: chat.store.at(random.int(chat.store.size)).id };
  if (random.chance(0.05)) return { text, ...views, forward: { from: friend(kit), date: 1_704_000_000 } };
  if (random.chance(0.05)) return { text, ...views, editDate: 1_767_000_000 + random.int(9_000) };
  return { text, ...views };
}

/** A message with a file: sometimes one that another chat has already, sometimes an album. */
function fileMessage(kit: Kit, chat: Chat, plan: PlannedFile[], known: NewMessage[]): void {
  const { random, files } = kit;
  if (known.length > 8 && random.chance(0.08)) {
    const { photo, document } = random.pick(known);
    say(kit, chat, { photo, document, forward: { from: friend(kit), date: 1_704_000_000 } });
    return;
  }
  const first = plan.pop();
  if (!first) return;
  const items = [carry(files, random, first)];
  if (fitsAlbum(first) && random.chance(0.15)) {
    for (let next = plan.at(-1); next && fitsAlbum(next) && items.length < 6; next = plan.at(-1)) {
      items.push(carry(files, random, next));
      plan.pop();
    }
  }
  known.push(...items.slice(0, 1));
  if (known.length > 40) known.shift();
  if (items.length > 1) sayAlbum(kit, chat, items, smallTalk(random));
  else say(kit, chat, { ...items[0], replyTo: topicReply(kit, chat) });
}

/** Who speaks when: one turn per message, shuffled. */
function turns(kit: Kit, talkers: readonly Talker[], count: number): Chat[] {
  const total = talkers.reduce((sum, it) => sum + it.share, 0);
  const list = talkers.flatMap(({ chat, share }) =>
    Array.from({ length: Math.round((count * share) / total) }, () => chat),
  );
  for (let index = list.length - 1; index > 0; index -= 1) {
    const other = kit.random.int(index + 1);
    [list[index], list[other]] = [list[other] as Chat, list[index] as Chat];
  }
  return list;
}

/** Adds the conversation. `halfway` is called once in the middle and may replace one chat by another. */
export function addTalk(
  kit: Kit,
  talkers: readonly Talker[],
  count: number,
  plan: PlannedFile[],
  halfway: () => ReadonlyMap<Chat, Chat>,
): void {
  const { random } = kit;
  const order = turns(kit, talkers, count);
  /** Messages with files that somebody might forward. */
  const known: NewMessage[] = [];
  let moved: ReadonlyMap<Chat, Chat> = new Map();
  order.forEach((speaking, turn) => {
    if (turn === order.length >> 1) moved = halfway();
    const chat = moved.get(speaking) ?? speaking;
    if (random.chance(0.02)) chat.skipIds(random.between(1, 4));
    if (random.int(order.length - turn) < plan.length) fileMessage(kit, chat, plan, known);
    else say(kit, chat, textMessage(kit, chat));
  });
  while (plan.length) fileMessage(kit, random.pick(talkers).chat, plan, known);
}

/** Deletes some messages and edits others, as people do. */
export function deleteAndEdit(kit: Kit, chats: readonly Chat[]): void {
  for (const chat of chats) {
    const plain: Message[] = [];
    for (let index = chat.store.size - 1; index > 0 && plain.length < 40; index -= 1) {
      const message = chat.store.at(index);
      if (!message.action && !message.media && !message.empty) plain.push(message);
    }
    for (const [index, { id, text }] of plain.entries()) {
      if (index % 13 === 4) chat.deleteMessage(id);
      else if (index % 13 === 9)
        chat.editMessage(id, { text: `${String(text)} (edited)`, editDate: 1_767_100_000 + index });
    }
  }
}

/** Adds history from before the story, computed on every read, for worlds of a million messages. It spans `seconds` from `start` on. */
export function addAncientTalk(
  chat: Chat,
  count: number,
  speakers: readonly Chat[],
  start: number,
  seconds: number,
): void {
  const salt = Number(chat.bareId % 1_000_003n);
  const first = chat.nextId;
  const ids: number[] = [];
  for (let id = first; ids.length < count; id += 1) if (mix32(id, salt) % 41 !== 0) ids.push(id);
  const span = (ids.at(-1) ?? first) - first + 1;
  chat.addLazyMessages(ids, (id) => {
    const luck = mix32(id, salt + 1);
    const from = chat.kind === 'channel' ? undefined : speakers[luck % speakers.length];
    const text = phrase(luck % 997, (luck >>> 8) % 991, (luck >>> 16) % 983);
    const replyTo = luck % 11 === 0 && id > first ? id - 1 : undefined;
    return { from, text, replyTo, date: start + Math.floor(((id - first) / span) * seconds) };
  });
}
