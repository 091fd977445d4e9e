/**
 * random-event.ts: one random event in a world, by a seed: what a long run lets happen while an archiver watches.
 * Only what the account can see happens: chats that it has left rest until it is back.
 */
import type { Chat } from '../chat.js';
import type { Message } from '../message.js';
import type { Random } from '../random.js';
import type { World } from '../world.js';
import { setForwards, setViews } from './counters.js';
import { hiddenEdit } from './edits.js';
import { expireMessages, setTtl } from './expiry.js';
import { ban, join, leave, unban } from './membership.js';
import { pin } from './pins.js';
import { closePoll, vote } from './polls.js';
import { react } from './reactions.js';
import { createTopic, deleteTopic, editTopic } from './topics.js';

const EMOJI = ['👍', '🔥', '❤'] as const;

/** One attempt at an event; false if nothing of the kind is possible now. */
type Attempt = (world: World, random: Random) => boolean;

/** Every kind of event with its weight. */
const ATTEMPTS = {
  new: [40, (world, random) => withChat(world, random, (chat) => addMessage(chat, random))],
  edit: [12, (world, random) => withMessage(world, random, isText, edit)],
  'hidden-edit': [3, (world, random) => withMessage(world, random, isText, (chat, { id }) => hiddenEdit(chat, id))],
  delete: [6, (world, random) => withChat(world, random, (chat) => deleteSome(chat, random))],
  react: [8, (world, random) => withMessage(world, random, isText, reactTo(random))],
  pin: [3, (world, random) => withMessage(world, random, isText, (chat, it) => pin(chat, [it.id], !isPinned(it)))],
  views: [
    4,
    (world, random) => withMessage(world, random, isPost, (chat, { id }) => setViews(chat, id, random.int(9999))),
  ],
  forwards: [
    2,
    (world, random) => withMessage(world, random, isPost, (chat, { id }) => setForwards(chat, id, random.int(99))),
  ],
  vote: [4, (world, random) => withMessage(world, random, isOpenPoll, (chat, { id }) => vote(chat, id, random.int(2)))],
  'close-poll': [1, (world, random) => withMessage(world, random, isOpenPoll, (chat, { id }) => closePoll(chat, id))],
  preview: [3, (world, random) => withMessage(world, random, isPending, (chat, { id }) => chat.previewReady(id))],
  topic: [3, changeTopics],
  ttl: [1, (world, random) => withChat(world, random, (chat) => setTtl(chat, chat.ttlPeriod ? undefined : 2))],
  expire: [2, (world) => expireMessages(world) > 0],
  membership: [2, changeMembership],
  migrate: [1, migrateGroup],
} as const satisfies Record<string, readonly [number, Attempt]>;

/** A kind of random event. */
export type RandomKind = keyof typeof ATTEMPTS;

/** All kinds. */
export const RANDOM_KINDS = Object.keys(ATTEMPTS) as RandomKind[];

/** Lets one random event of these kinds happen; returns its kind. Throws if none is possible. */
export function randomEvent(world: World, random: Random, kinds: readonly RandomKind[] = RANDOM_KINDS): RandomKind {
  const weighed = kinds.flatMap((kind) => Array.from({ length: ATTEMPTS[kind][0] }, () => kind));
  for (let tries = 0; tries < 1000; tries++) {
    const kind = weighed[random.int(weighed.length)]!;
    const attempt: Attempt = ATTEMPTS[kind][1];
    if (attempt(world, random)) return kind;
  }
  throw new Error(`nothing of ${kinds.join(', ')} is possible`);
}

const isText = (it: Message): boolean => !it.action && !it.empty;
const isPost = (it: Message, chat: Chat): boolean => chat.kind === 'channel' && isText(it);
const isPinned = (it: Message): boolean => it.fields?.['pinned'] === true;
const isPending = (it: Message): boolean => it.pendingUntil !== undefined;
const isOpenPoll = ({ media }: Message): boolean =>
  media?._ === 'messageMediaPoll' && !(media['poll'] as { closed?: boolean }).closed;

const living = (world: World): Chat[] =>
  world.chats.filter((it) => it.followed && !it.migratedTo && it.user?.self !== true);

function withChat(world: World, random: Random, act: (chat: Chat) => void): boolean {
  const chats = living(world);
  if (chats.length === 0) return false;
  act(chats[random.int(chats.length)]!);
  return true;
}

/** A few guesses are enough: an event that finds no message is replaced by another one. */
function withMessage(
  world: World,
  random: Random,
  wants: (message: Message, chat: Chat) => boolean,
  act: (chat: Chat, message: Message) => void,
): boolean {
  const chats = living(world).filter((it) => it.store.size > 0);
  for (let tries = 0; chats.length > 0 && tries < 20; tries++) {
    const chat = chats[random.int(chats.length)]!;
    const message = chat.store.at(random.int(chat.store.size));
    if (!wants(message, chat)) continue;
    act(chat, message);
    return true;
  }
  return false;
}

function addMessage(chat: Chat, random: Random): void {
  const { world } = chat;
  const text = `message ${chat.nextId} of ${chat.title} ${random.int(1000)}`;
  const date = world.now();
  const url = `https://example.org/${random.int(1_000_000)}`;
  const topics = chat.topics.filter((it) => it.id !== 1);
  const topic = topics[random.int(topics.length + 1)];
  const inTopic = topic && { replyTo: { id: topic.id, forumTopic: true } };
  const kind = random.int(10);
  if (kind === 0) chat.addMessage({ ...inTopic, date, media: newPoll(random) });
  else if (kind === 1)
    chat.addMessage({ ...inTopic, date, text: url, preview: { url, pendingUntil: date + 1_000_000 } });
  else if (kind === 2) chat.addMessage({ ...inTopic, date, text, photo: world.addPhoto({ size: 2000 }) });
  else chat.addMessage({ ...inTopic, date, text });
}

function newPoll(random: Random): NonNullable<Message['media']> {
  const plain = (text: string) => ({ _: 'textWithEntities', text, entities: [] });
  const answers = ['yes', 'no'].map((it) => ({ _: 'pollAnswer', text: plain(it), option: Buffer.from(it) }));
  const poll = { _: 'poll', id: BigInt(1 + random.int(2 ** 31)), question: plain('Shall we?'), answers, hash: 0n };
  return { _: 'messageMediaPoll', poll, results: { _: 'pollResults', total_voters: 0 } };
}

const edit = (chat: Chat, { id, media }: Message): void => {
  // A poll or a preview has no text of its own to edit.
  const photo = media?._ === 'messageMediaPhoto' && chat.world.addPhoto({ size: 2000 });
  chat.editMessage(id, { text: `edited, event ${chat.world.record.events.length}`, ...(photo && { photo }) });
};

function deleteSome(chat: Chat, random: Random): void {
  const roots = new Set(chat.topics.map((it) => it.id));
  const from = random.int(Math.max(1, chat.store.size));
  const ids = Array.from({ length: 1 + random.int(4) }, (_, index) => chat.store.idAt(from + index));
  chat.deleteMessages(ids.filter((id) => id !== undefined && !roots.has(id)) as number[]);
}

const reactTo =
  (random: Random) =>
  (chat: Chat, { id }: Message): void => {
    const people = [...chat.world.users.values()];
    const emoji = EMOJI[random.int(EMOJI.length + 1)];
    react(chat, id, people[random.int(people.length)]!, emoji, random.chance(0.3) ? 'hidden-edit' : 'update');
  };

function changeTopics(world: World, random: Random): boolean {
  const forum = living(world).find((it) => it.options.forum);
  if (!forum) return false;
  const topics = forum.topics.filter((it) => it.id !== 1);
  const topic = topics[random.int(topics.length + 2)];
  if (!topic) createTopic(forum, `topic ${random.int(1000)}`, { date: world.now() });
  else if (random.chance(0.3)) deleteTopic(forum, topic.id);
  else editTopic(forum, topic.id, { title: `renamed ${random.int(1000)}`, closed: random.chance(0.5) });
  return true;
}

/** Whoever is away comes back before somebody else goes. */
function changeMembership(world: World, random: Random): boolean {
  const chats = world.chats.filter((it) => it.ownSequence);
  const away = chats.find((it) => !it.followed);
  if (away) (away.removed ? unban : join)(away);
  else if (chats.length > 0) (random.chance(0.5) ? ban : leave)(chats[random.int(chats.length)]!);
  return chats.length > 0;
}

function migrateGroup(world: World): boolean {
  const groups = living(world).filter((it) => it.kind === 'group');
  // One group stays one.
  if (groups.length < 2) return false;
  world.migrate(groups[0]!);
  return true;
}
