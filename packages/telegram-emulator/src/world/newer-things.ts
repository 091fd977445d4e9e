/**
 * newer-things.ts: what belongs to a layer that clients do not know yet, by marks that a test sets and removes: messages
 * or parts of them, users and chats, updates. What older clients see instead is decided by shown.ts.
 */
import type { ById } from '../tl/by-id.js';
import type { Chat } from './chat.js';
import { whoId, type Who } from './message.js';

/** The layer that introduced a thing. */
export interface Since {
  /** Clients of this layer or later get the thing itself; without it, none does. */
  readonly since?: number;
}

/** How a message belongs to a newer layer. */
export interface NewerMessage extends Since, ById {
  /** The newer part; by default its media. */
  readonly part?: 'media' | 'action' | 'reply_markup' | 'message';
  /**
   * What older clients get: an object with a constructor unknown to them, as servers should not send but do; or a message
   * with `messageMediaUnsupported`, as they should. By default the former.
   */
  readonly as?: 'unknown' | 'unsupported';
  /** The text that goes with `messageMediaUnsupported`; by default the message's own. */
  readonly text?: string;
}

/** How a user or chat belongs to a newer layer. */
export type NewerPeer = Since & ById;

/** An unknown update that accompanies others, both pushed ones and those of a difference. */
export interface NewerUpdate extends Since, ById {
  /** Whether it comes before or after the others; by default before. */
  readonly where?: 'first' | 'last';
}

/** All marks of a world. Each method returns a function that removes its mark. */
export class NewerThings {
  readonly #messages = new Map<string, NewerMessage>();
  readonly #peers = new Map<bigint, NewerPeer>();
  readonly #updates = new Set<NewerUpdate>();

  /** Marks a message, wherever it appears. A later mark replaces an earlier one. */
  message(chat: Chat, id: number, how: NewerMessage = {}): () => void {
    const message = chat.store.get(id);
    if (!message) throw new Error(`no message ${id} in ${chat.title}`);
    const { part = 'media', as } = how;
    if (as !== 'unsupported' && part !== 'message' && (part === 'action') !== (message.action !== undefined))
      throw new Error(`message ${id} in ${chat.title} has no ${part}`);
    return put(this.#messages, nameOf(chat.id, id), how);
  }

  /** Marks a user or chat among the `users` and `chats` of any answer. */
  peer(who: Who, how: NewerPeer = {}): () => void {
    return put(this.#peers, whoId(who), how);
  }

  /** Adds an unknown update to others from now on. */
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

  /** The updates to add to others, for a client of this layer. */
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
