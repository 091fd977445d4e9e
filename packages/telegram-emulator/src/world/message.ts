/**
 * message.ts: one message of a world, and how a test's options become the schema's fields.
 * Media and actions are schema trees with a PhotoFile or DocumentFile in place of the photo or document.
 */
import type { TlObject } from '../tl/value.js';
import { DocumentFile, PhotoFile } from './media-file.js';
import type { NewerMessage } from './newer-things.js';
import { peerTl } from './peers.js';
import { type Preview, previewMedia } from './preview.js';

/** A message as stored. */
export interface Message {
  readonly id: number;
  readonly date: number;
  readonly text: string | Uint8Array;
  /** Marked id of the author; undefined for a channel's own posts. */
  readonly from?: bigint;
  readonly media?: TlObject;
  /** The preview of its link is pending until this date, in Unix seconds. */
  readonly pendingUntil?: number;
  /** Makes it a service message. */
  readonly action?: TlObject;
  /** Any other field of `message` or `messageService`, by its name in the schema. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Listed, but served as `messageEmpty`. */
  readonly empty?: true;
}

/** Anything that identifies a chat or user: a marked id, or an object that has one. */
export type Who = bigint | { readonly id: bigint };

/** What a message replies to. */
export interface ReplyTo {
  readonly id?: number;
  /** The chat replied to, if it is not the message's own. */
  readonly chat?: Who;
  readonly topId?: number;
  readonly forumTopic?: boolean;
  readonly quote?: string;
  readonly quoteOffset?: number;
  /** Set if the reader may not know the chat replied to: that message's header and media are then included. */
  readonly from?: Forward;
  readonly media?: TlObject;
  /** A reply to a story of this chat. */
  readonly storyId?: number;
}

/** Where a message was forwarded from. */
export interface Forward {
  readonly from?: Who;
  /** The name of a user who hides the account. */
  readonly name?: string;
  readonly date: number;
  readonly channelPost?: number;
  readonly postAuthor?: string;
  readonly savedFrom?: Who;
  readonly savedFromId?: number;
  readonly imported?: boolean;
}

/** Options for a message; everything has a default. */
export interface NewMessage {
  readonly id?: number;
  /** Unix seconds; by default one minute after the previous message. */
  readonly date?: number;
  readonly text?: string | Uint8Array;
  /** By default the other person in a private chat, nobody in a channel, the account itself in a group. */
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
  /** Belongs to a layer that clients do not know yet; {@link NewerThings.message} does the same for an existing message. */
  readonly newer?: NewerMessage;
  /** Any other field, by its name in the schema. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** The marked id of a chat or user. */
export const whoId = (who: Who): bigint => (typeof who === 'bigint' ? who : who.id);

const peerOf = (who: Who | undefined): TlObject | undefined => (who === undefined ? undefined : peerTl(whoId(who)));

/** A `MessageFwdHeader`. */
export function forwardTl(it: Forward): TlObject {
  if ((it.savedFrom === undefined) !== (it.savedFromId === undefined))
    throw new Error('savedFrom and savedFromId must be given together');
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
    if (it.chat === undefined) throw new Error('a reply to a story needs its chat');
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

/** Builds the stored form of a new message. */
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
