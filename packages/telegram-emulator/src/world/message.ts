/**
 * message.ts: one message of a world, and how a test's words for it become the schema's fields.
 * Media and actions are schema trees in which a PhotoFile or DocumentFile stands where the photo or document goes.
 */
import type { TlObject } from '../tl/value.js';
import { DocumentFile, PhotoFile } from './media-file.js';
import type { NewerMessage } from './newer-things.js';
import { peerTl } from './peers.js';
import { type Preview, previewMedia } from './preview.js';

/** A message as it is kept. */
export interface Message {
  readonly id: number;
  readonly date: number;
  readonly text: string | Uint8Array;
  /** Marked id of who wrote it; undefined for a channel's own posts. */
  readonly from?: bigint;
  readonly media?: TlObject;
  /** The preview of its link is pending before this date, in Unix seconds. */
  readonly pendingUntil?: number;
  /** Makes it a service message. */
  readonly action?: TlObject;
  /** Any further field of `message` or `messageService`, by its name in the schema. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Listed, but given as `messageEmpty`. */
  readonly empty?: true;
}

/** Anything that names a chat or user: a marked id, or an object that has one. */
export type Who = bigint | { readonly id: bigint };

/** What a message replies to. */
export interface ReplyTo {
  readonly id?: number;
  /** Another chat than the message's own. */
  readonly chat?: Who;
  readonly topId?: number;
  readonly forumTopic?: boolean;
  readonly quote?: string;
  readonly quoteOffset?: number;
  /** A reply to a message of a chat that the reader may not know: its header and media travel along. */
  readonly from?: Forward;
  readonly media?: TlObject;
  /** A reply to a story of this chat. */
  readonly storyId?: number;
}

/** Where a message was forwarded from. */
export interface Forward {
  readonly from?: Who;
  /** Of a user who hides the account. */
  readonly name?: string;
  readonly date: number;
  readonly channelPost?: number;
  readonly postAuthor?: string;
  readonly savedFrom?: Who;
  readonly savedFromId?: number;
  readonly imported?: boolean;
}

/** What a test says of a message; everything has a default. */
export interface NewMessage {
  readonly id?: number;
  /** Unix seconds; by default a minute after the one before. */
  readonly date?: number;
  readonly text?: string | Uint8Array;
  /** By default: the other one in a private chat, nobody in a channel, the account itself in a group. */
  readonly from?: Who;
  readonly photo?: PhotoFile;
  readonly document?: DocumentFile;
  readonly media?: TlObject;
  readonly preview?: Preview;
  readonly action?: TlObject;
  readonly replyTo?: number | ReplyTo;
  readonly forward?: Forward;
  readonly editDate?: number;
  readonly groupedId?: bigint;
  readonly entities?: readonly TlObject[];
  readonly views?: number;
  readonly forwards?: number;
  readonly postAuthor?: string;
  readonly viaBot?: Who;
  readonly pinned?: boolean;
  readonly reactions?: TlObject;
  readonly empty?: boolean;
  /** It is of a layer that clients do not speak yet; {@link NewerThings.message} says the same of one that is there. */
  readonly newer?: NewerMessage;
  /** Any further field, by its name in the schema. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** The marked id of who is meant. */
export const whoId = (who: Who): bigint => (typeof who === 'bigint' ? who : who.id);

const peerOf = (who: Who | undefined): TlObject | undefined => (who === undefined ? undefined : peerTl(whoId(who)));

/** A `MessageFwdHeader`. */
export function forwardTl(it: Forward): TlObject {
  if ((it.savedFrom === undefined) !== (it.savedFromId === undefined))
    throw new Error('savedFrom goes with savedFromId');
  return {
    _: 'messageFwdHeader',
    imported: it.imported || undefined,
    from_id: peerOf(it.from),
    from_name: it.name,
    date: it.date,
    channel_post: it.channelPost,
    post_author: it.postAuthor,
    saved_from_peer: peerOf(it.savedFrom),
    saved_from_msg_id: it.savedFromId,
  };
}

/** A `MessageReplyHeader`. */
export function replyTl(reply: number | ReplyTo): TlObject {
  const it: ReplyTo = typeof reply === 'number' ? { id: reply } : reply;
  if (it.storyId !== undefined) {
    if (it.chat === undefined) throw new Error('a reply to a story names its chat');
    return { _: 'messageReplyStoryHeader', peer: peerOf(it.chat), story_id: it.storyId };
  }
  return {
    _: 'messageReplyHeader',
    forum_topic: it.forumTopic || undefined,
    quote: it.quote === undefined ? undefined : true,
    reply_to_msg_id: it.id,
    reply_to_peer_id: peerOf(it.chat),
    reply_from: it.from && forwardTl(it.from),
    reply_media: it.media,
    reply_to_top_id: it.topId,
    quote_text: it.quote,
    quote_offset: it.quoteOffset,
  };
}

function mediaTl(it: NewMessage): TlObject | undefined {
  if (it.photo) return { _: 'messageMediaPhoto', photo: it.photo };
  if (it.preview) return previewMedia(it.preview);
  if (!it.document) return it.media;
  const has = (name: string, flag: string): true | undefined =>
    it.document?.attributes.some((attribute) => attribute._ === name && (flag === '' || attribute[flag])) || undefined;
  return {
    _: 'messageMediaDocument',
    video: has('documentAttributeVideo', ''),
    round: has('documentAttributeVideo', 'round_message'),
    voice: has('documentAttributeAudio', 'voice'),
    document: it.document,
  };
}

/** The kept form of a new message. */
export function buildMessage(it: NewMessage, rest: { id: number; date: number; from: bigint | undefined }): Message {
  if (it.empty) return { id: rest.id, date: rest.date, text: '', empty: true };
  const fields: Record<string, unknown> = {
    fwd_from: it.forward && forwardTl(it.forward),
    reply_to: it.replyTo === undefined ? undefined : replyTl(it.replyTo),
    edit_date: it.editDate,
    grouped_id: it.groupedId,
    entities: it.entities,
    views: it.views ?? (it.forwards === undefined ? undefined : 0),
    forwards: it.forwards ?? (it.views === undefined ? undefined : 0),
    post_author: it.postAuthor,
    via_bot_id: it.viaBot === undefined ? undefined : whoId(it.viaBot),
    pinned: it.pinned || undefined,
    reactions: it.reactions,
    ...it.fields,
  };
  for (const name of Object.keys(fields)) if (fields[name] === undefined) delete fields[name];
  const media = mediaTl(it);
  return {
    ...rest,
    text: it.text ?? '',
    ...(media && { media }),
    ...(it.preview?.pendingUntil !== undefined && { pendingUntil: it.preview.pendingUntil }),
    ...(it.action && { action: it.action }),
    ...(Object.keys(fields).length > 0 && { fields }),
  };
}
