/**
 * kit.ts: what the parts of the generator share: its tools, and small pieces of schema that several of them need.
 */
import type { TlObject } from '../../tl/value.js';
import type { Chat } from '../chat.js';
import type { Message, NewMessage } from '../message.js';
import { peerTl } from '../peers.js';
import type { Random } from '../random.js';
import type { World } from '../world.js';
import type { StoryClock } from './clock.js';
import type { FileMaker } from './file-maker.js';
import type { People } from './people.js';

/** The tools of the generator. */
export interface Kit {
  readonly world: World;
  readonly random: Random;
  readonly files: FileMaker;
  readonly people: People;
  readonly clock: StoryClock;
}

/** Kinds of message: a name, and a function that makes one. */
export type Kinds = Readonly<Record<string, (kit: Kit, chat: Chat) => NewMessage>>;

/** A `Peer`. */
export const peer = (chat: { readonly id: bigint }): TlObject => peerTl(chat.id);

/** Text without entities, in the form that polls and gifts use. */
export const plain = (text: string): TlObject => ({ _: 'textWithEntities', text, entities: [] });

/** A place. */
export const LAKE: TlObject = {
  _: 'geoPoint',
  long: 9.1732,
  lat: 47.6601,
  access_hash: -8_812_345_678_901_234_567n,
  accuracy_radius: 12,
};

/** One of the friends. */
export const friend = ({ random, people }: Kit): Chat => random.pick(people.friends);

/** Somebody who may write in this chat, including the account itself; undefined if the chat itself speaks. */
export function speaker(kit: Kit, chat: Chat): Chat | undefined {
  if (chat.kind === 'channel') return undefined;
  if (kit.random.chance(0.2)) return kit.people.self;
  return chat.kind === 'user' ? chat : friend(kit);
}

/** Adds one message at the story's current time. */
export function say(kit: Kit, chat: Chat, it: NewMessage): Message {
  return chat.addMessage({ from: speaker(kit, chat), ...it, date: kit.clock.tick() });
}

/** Adds one message of each kind. */
export function sayEach(kit: Kit, chat: Chat, kinds: Kinds): void {
  for (const make of Object.values(kinds)) say(kit, chat, make(kit, chat));
}

/** Adds an album: one message per item, with the text on the first one. */
export function sayAlbum(kit: Kit, chat: Chat, items: readonly NewMessage[], text: string): Message[] {
  const groupedId = kit.random.id64();
  const from = speaker(kit, chat);
  const date = kit.clock.tick();
  return items.map((it, index) => chat.addMessage({ from, date, groupedId, text: index === 0 ? text : '', ...it }));
}
