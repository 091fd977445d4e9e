/**
 * message-tl.ts: a stored message as the schema's object. Every answer that contains a media gets a fresh file reference here.
 */
import type { TlObject } from '../tl/value.js';
import type { Chat } from './chat.js';
import { DocumentFile, PhotoFile } from './media-file.js';
import type { Message } from './message.js';
import { peerTl } from './peers.js';
import { mediaNow } from './preview.js';
import type { World } from './world.js';

/** A schema tree with every photo and document rendered. */
export function renderTree<T>(world: World, value: T): T {
  return render(world, value) as T;
}

function render(world: World, value: unknown): unknown {
  if (value instanceof PhotoFile || value instanceof DocumentFile) return value.toTl(world.references.issue(value));
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((it: unknown) => render(world, it));
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, render(world, inner)]));
}

/** `message`, `messageService` or `messageEmpty`. */
export function messageTl(chat: Chat, message: Message): TlObject {
  const { world } = chat;
  if (message.empty) return { _: 'messageEmpty', id: message.id, peer_id: chat.peer };
  const out = message.from === world.account.userId && chat.id !== world.account.userId;
  // Since layer 119, messages from the other person in a private chat have no from_id: the peer says it.
  const named = message.from !== undefined && (chat.kind !== 'user' || message.from === world.account.userId);
  const base = {
    out: out || undefined,
    post: chat.kind === 'channel' || undefined,
    id: message.id,
    from_id: named ? peerTl(message.from) : undefined,
    peer_id: chat.peer,
    date: message.date,
    ...(message.fields && renderTree(world, message.fields)),
  };
  if (message.action) return { _: 'messageService', ...base, action: renderTree(world, message.action) };
  return { _: 'message', ...base, message: message.text, media: renderTree(world, mediaNow(message, world.now())) };
}

/** Represents an id that does not exist. */
export const messageEmptyTl = (id: number): TlObject => ({ _: 'messageEmpty', id });
