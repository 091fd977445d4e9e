/**
 * record.ts: what became of every message: its versions, and when and why it was deleted; and what else happened.
 * Derived from what tests do to the world, never from answers, so that an archive can be compared with it.
 * A message that was neither edited nor deleted costs nothing: its only version is the stored one.
 */
import type { TlObject } from '../tl/value.js';
import type { Chat } from './chat.js';
import { mediaOf } from './carried-media.js';
import { decodeText, DocumentFile, PhotoFile } from './media-file.js';
import type { Message } from './message.js';
import type { World } from './world.js';

/** Why a message was deleted: by a person, with its topic, or by itself after `ttl_period`. */
export type DeletionReason = 'deleted' | 'topic' | 'auto-delete';

/** What else can happen to a chat or to messages; new messages are told by the messages themselves. */
export type Happening =
  | 'edit'
  | 'hidden-edit'
  | 'delete'
  | 'preview'
  | 'pin'
  | 'unpin'
  | 'react'
  | 'vote'
  | 'close-poll'
  | 'views'
  | 'forwards'
  | 'topic'
  | 'ttl'
  | 'migrate'
  | 'leave'
  | 'join'
  | 'ban'
  | 'unban'
  | 'hide-history'
  | 'expire-media'
  | 'open-media'
  | 'rename';

/** One thing that happened. */
export interface RecordedEvent {
  /** Unix seconds. */
  readonly at: number;
  readonly what: Happening;
  readonly chatId: bigint;
  readonly ids: readonly number[];
}

/** The content of a message from one edit to the next. Reactions, counters, markup and previews make no version. */
export interface RecordedVersion {
  /** When it was made, in Unix seconds. */
  readonly at: number;
  readonly text: string;
  readonly entities: readonly TlObject[];
  /** The constructor of its media. */
  readonly mediaType: string | undefined;
  readonly media: readonly { readonly kind: 'photo' | 'document'; readonly id: bigint }[];
}

/** What became of one message. */
export interface RecordedMessage {
  readonly chatId: bigint;
  readonly id: number;
  readonly date: number;
  /** The constructor of a service message's action. */
  readonly action: string | undefined;
  /** Oldest first; consecutive ones differ in text, entities or media. */
  readonly versions: readonly RecordedVersion[];
  readonly deleted?: { readonly at: number; readonly reason: DeletionReason };
  readonly pinned: boolean;
  readonly views: number | undefined;
  readonly forwards: number | undefined;
  readonly reactions: Readonly<Record<string, number>>;
}

interface Entry {
  readonly chat: Chat;
  readonly versions: { readonly at: number; readonly message: Message }[];
  /** As it was when it was deleted. */
  last?: Message;
  deleted?: { readonly at: number; readonly reason: DeletionReason };
}

export class WorldRecord {
  readonly events: RecordedEvent[] = [];
  readonly #entries = new Map<Chat, Map<number, Entry>>();

  constructor(private readonly world: World) {}

  /** Something that changes no content. */
  note(chat: Chat, what: Happening, ids: readonly number[]): void {
    this.events.push({ at: this.world.now(), what, chatId: chat.id, ids });
  }

  /** A visible edit. */
  edited(chat: Chat, before: Message, after: Message): void {
    this.note(chat, 'edit', [after.id]);
    if (contentOf(before) === contentOf(after)) return;
    this.#entry(chat, before).versions.push({ at: this.world.now(), message: after });
  }

  /** What a message says is about to be shown no longer, which is no edit. */
  kept(chat: Chat, message: Message): void {
    this.#entry(chat, message);
  }

  deleted(chat: Chat, messages: readonly Message[], reason: DeletionReason): void {
    this.note(
      chat,
      'delete',
      messages.map((it) => it.id),
    );
    for (const message of messages) {
      const entry = this.#entry(chat, message);
      entry.last = message;
      entry.deleted = { at: this.world.now(), reason };
    }
  }

  /** Every message that ever was, chat by chat, each in the order of ids. */
  *messages(): Generator<RecordedMessage> {
    for (const chat of this.world.chats) {
      const entries = this.#entries.get(chat) ?? new Map<number, Entry>();
      const gone = [...entries].filter(([, it]) => it.deleted).map(([id]) => id);
      const ids = [...gone, ...Array.from({ length: chat.store.size }, (_, index) => chat.store.idAt(index)!)];
      for (const id of ids.sort((a, b) => a - b)) yield recorded(chat, id, entries.get(id));
    }
  }

  #entry(chat: Chat, message: Message): Entry {
    let entries = this.#entries.get(chat);
    if (!entries) this.#entries.set(chat, (entries = new Map()));
    let entry = entries.get(message.id);
    if (!entry) entries.set(message.id, (entry = { chat, versions: [{ at: message.date, message }] }));
    return entry;
  }
}

function recorded(chat: Chat, id: number, entry: Entry | undefined): RecordedMessage {
  const last = entry?.last ?? chat.existing(id);
  const versions = entry?.versions ?? [{ at: last.date, message: last }];
  const reactions = last.fields?.['reactions'] as TlObject | undefined;
  return {
    chatId: chat.id,
    id,
    date: last.date,
    action: last.action?._,
    versions: versions.map(versionOf),
    ...(entry?.deleted && { deleted: entry.deleted }),
    pinned: last.fields?.['pinned'] === true,
    views: last.fields?.['views'] as number | undefined,
    forwards: last.fields?.['forwards'] as number | undefined,
    reactions: Object.fromEntries(((reactions?.['results'] ?? []) as TlObject[]).map(reactionCount)),
  };
}

const reactionCount = ({ reaction, count }: TlObject): [string, number] => {
  const { emoticon, document_id } = reaction as TlObject;
  return [(emoticon as string | undefined) ?? String(document_id), count as number];
};

function versionOf({ at, message }: { at: number; message: Message }): RecordedVersion {
  return {
    at,
    text: message.action ? '' : decodeText(message.text),
    entities: (message.fields?.['entities'] ?? []) as TlObject[],
    mediaType: message.media?._,
    media: mediaOf(message)
      .filter((it) => it.carried)
      .map(({ media: { kind, id } }) => ({ kind, id })),
  };
}

/** These change without an edit of the message. */
const NOT_CONTENT = new Set(['results']);

/** Text, entities and media as one string; equal if a reader would see no difference. */
function contentOf({ text, fields, media }: Message): string {
  return JSON.stringify([decodeText(text), fields?.['entities'] ?? [], media ?? null], (name, value: unknown) => {
    if (NOT_CONTENT.has(name)) return undefined;
    if (value instanceof PhotoFile || value instanceof DocumentFile) return `${value.kind} ${value.id}`;
    return typeof value === 'bigint' ? `${value}` : value;
  });
}
