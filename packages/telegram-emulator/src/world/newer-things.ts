/**
 * newer-things.ts: what in a world is of a layer that clients do not speak yet, by marks that a test sets and takes away:
 * messages or parts of them, users and chats, updates. What older clients are shown instead is decided by shown.ts.
 */
import type { ById } from '../tl/by-id.js';
import type { Chat } from './chat.js';
import { whoId, type Who } from './message.js';

/** From which layer on clients know a thing. */
export interface Since {
  /** Clients of this layer or a later one get the thing itself; without it nobody does. */
  readonly since?: number;
}

/** How a message is of a newer layer. */
export interface NewerMessage extends Since, ById {
  /** What of it is newer; by default its media. */
  readonly part?: 'media' | 'action' | 'reply_markup' | 'message';
  /**
   * What older clients get: an object of a constructor that they do not know, as servers should not and do; or, as they
   * should, a message with `messageMediaUnsupported`. By default the former.
   */
  readonly as?: 'unknown' | 'unsupported';
  /** The text beside `messageMediaUnsupported`; by default the message's own. */
  readonly text?: string;
}

/** How a user or chat is of a newer layer. */
export type NewerPeer = Since & ById;

/** An update that comes with others: those that are pushed, and those of a difference. */
export interface NewerUpdate extends Since, ById {
  /** Whether it stands before or behind the others; by default before. */
  readonly where?: 'first' | 'last';
}

/** All marks of a world. Each method answers the function that takes its mark away. */
export class NewerThings {
  readonly #messages = new Map<string, NewerMessage>();
  readonly #peers = new Map<bigint, NewerPeer>();
  readonly #updates = new Set<NewerUpdate>();

  /** Marks a message, wherever it appears. A later mark takes the place of an earlier one. */
  message(chat: Chat, id: number, how: NewerMessage = {}): () => void {
    const message = chat.store.get(id);
    if (!message) throw new Error(`no message ${id} in ${chat.title}`);
    const { part = 'media', as } = how;
    if (as !== 'unsupported' && part !== 'message' && (part === 'action') !== (message.action !== undefined))
      throw new Error(`message ${id} in ${chat.title} can have no ${part}`);
    return put(this.#messages, nameOf(chat.id, id), how);
  }

  /** Marks a user or chat among the `users` and `chats` of any answer. */
  peer(who: Who, how: NewerPeer = {}): () => void {
    return put(this.#peers, whoId(who), how);
  }

  /** Puts an update that nobody knows beside others, from now on. */
  update(how: NewerUpdate = {}): () => void {
    const mark = { ...how };
    this.#updates.add(mark);
    return () => void this.#updates.delete(mark);
  }

  /** The mark of a message, for a client of this layer. */
  ofMessage(chat: bigint, id: number, layer: number): NewerMessage | undefined {
    if (this.#messages.size === 0) return undefined;
    return unknownTo(layer, this.#messages.get(nameOf(chat, id)));
  }

  /** The mark of a user or chat, for a client of this layer. */
  ofPeer(id: bigint, layer: number): NewerPeer | undefined {
    return unknownTo(layer, this.#peers.get(id));
  }

  /** The updates to put beside others, for a client of this layer. */
  updatesFor(layer: number): NewerUpdate[] {
    return [...this.#updates].filter((it) => unknownTo(layer, it));
  }
}

const nameOf = (chat: bigint, id: number): string => `${chat}/${id}`;

const unknownTo = <T extends Since>(layer: number, mark: T | undefined): T | undefined =>
  mark && (mark.since === undefined || layer < mark.since) ? mark : undefined;

function put<K, V extends object>(marks: Map<K, V>, key: K, mark: V): () => void {
  const own = { ...mark };
  marks.set(key, own);
  return () => void (marks.get(key) === own && marks.delete(key));
}
