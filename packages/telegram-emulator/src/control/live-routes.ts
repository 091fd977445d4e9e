/**
 * live-routes.ts: what happens in the world while clients watch, and how that is pushed, in JSON.
 */
import type { PushFault } from '../push-faults.js';
import type { Emulator } from '../server.js';
import type { Chat } from '../world/chat.js';
import * as live from '../world/live/index.js';
import { Random } from '../world/random.js';

type Body = Record<string, unknown>;

/** What can happen to a chat, by the name in `{ "what": "pin", "ids": [1, 2] }`. */
const EVENTS: Readonly<Record<string, (chat: Chat, body: Body) => void>> = {
  'hidden-edit': (chat, { id, fields }) => live.hiddenEdit(chat, id as number, fields as Body | undefined),
  delete: (chat, { ids }) => chat.deleteMessages(ids as number[]),
  pin: (chat, { ids }) => live.pin(chat, ids as number[]),
  unpin: (chat, { ids }) => live.pin(chat, ids as number[], false),
  react: (chat, { id, who, emoji, how }) =>
    live.react(chat, id as number, BigInt(who as string), emoji as string | undefined, how as 'update' | undefined),
  vote: (chat, { id, answer }) => live.vote(chat, id as number, answer as number),
  'close-poll': (chat, { id }) => live.closePoll(chat, id as number),
  'expire-media': (chat, { id }) => live.expireMedia(chat, id as number),
  rename: (chat, { title }) => live.renameChat(chat, title as string),
  views: (chat, { id, views }) => live.setViews(chat, id as number, views as number),
  forwards: (chat, { id, forwards }) => live.setForwards(chat, id as number, forwards as number),
  ttl: (chat, { seconds }) => live.setTtl(chat, seconds as number | undefined),
  'create-topic': (chat, { title }) => void live.createTopic(chat, title as string),
  'edit-topic': (chat, { id, ...changes }) => live.editTopic(chat, id as number, changes),
  'delete-topic': (chat, { id }) => live.deleteTopic(chat, id as number),
  migrate: (chat) => void chat.world.migrate(chat),
  leave: live.leave,
  join: live.join,
  ban: live.ban,
  unban: live.unban,
  'hide-history': (chat, { id }) => live.hideHistory(chat, id as number),
  typing: live.typing,
};

/** Lets something happen to a chat. */
export function happen(chat: Chat, { what, ...rest }: Body): void {
  const event = EVENTS[what as string];
  if (!event) throw new Error(`what must be one of ${Object.keys(EVENTS).join(', ')}`);
  event(chat, rest);
}

/** Lets so many random events happen; returns their kinds. The same seed goes on from call to call. */
export function randomEvents(): (emulator: Emulator, body: Body) => { happened: live.RandomKind[] } {
  const randoms = new Map<string, Random>();
  return ({ world }, { seed = 'live', count = 1, kinds }) => {
    const name = seed as string;
    const random = randoms.get(name) ?? new Random(name);
    randoms.set(name, random);
    const of = (kinds as live.RandomKind[] | undefined) ?? live.RANDOM_KINDS;
    return { happened: Array.from({ length: count as number }, () => live.randomEvent(world, random, of)) };
  };
}

/** Begins a fault of single pushes; the result ends it. */
export const pushFault = ({ pushes }: Emulator, { chat, ...rest }: Body): (() => void) => {
  const fault = { ...rest, ...(chat !== undefined && { chat: BigInt(chat as string) }) } as PushFault;
  const handle = pushes.fault(fault);
  return () => handle.remove();
};

/** Changes the form of pushes; the result ends that. */
export const pushForm = ({ pushes }: Emulator, body: Body): (() => void) => pushes.form(body);

/** What the server may say at any time: `{ "what": "too-long" }`. */
export function say({ pushes }: Emulator, body: Body, chatOf: (name: string) => Chat): void {
  const { what, chat } = body as { what: string; chat?: string };
  if (what === 'too-long') return chat === undefined ? pushes.tooLong() : pushes.channelTooLong(chatOf(chat));
  if (what === 'new-session') return pushes.newSession();
  if (what === 'unknown') return pushes.unknown(body);
  throw new Error('what must be too-long, new-session or unknown');
}
