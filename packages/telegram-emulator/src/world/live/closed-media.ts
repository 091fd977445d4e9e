/**
 * closed-media.ts: media that are not shown all the time: those that may be viewed once, and those that have to be paid for.
 */
import type { TlObject } from '../../tl/value.js';
import { mediaOf } from '../carried-media.js';
import type { Chat } from '../chat.js';
import type { Message } from '../message.js';
import { renderTree } from '../message-tl.js';
import { hiddenEdit } from './edits.js';

function mediaIn(chat: Chat, id: number, constructors: readonly string[]): { message: Message; media: TlObject } {
  const message = chat.existing(id);
  const { media } = message;
  if (!media || !constructors.includes(media._))
    throw new Error(`message ${id} of ${chat.title} has no ${constructors.join(' or ')}`);
  return { message, media };
}

/** Media with `ttl_seconds` were viewed: the message has no file any more, and nobody can download it. */
export function expireMedia(chat: Chat, id: number): void {
  const { message, media } = mediaIn(chat, id, ['messageMediaPhoto', 'messageMediaDocument']);
  if (media['ttl_seconds'] === undefined) throw new Error(`message ${id} of ${chat.title} can be viewed for ever`);
  chat.world.expireFileReferences(mediaOf(message).map((it) => it.media));
  chat.world.record.kept(chat, message);
  const { photo: _, document: __, ...left } = media as TlObject & { photo?: unknown; document?: unknown };
  chat.store.put({ ...message, media: left });
  chat.world.record.note(chat, 'expire-media', [id]);
  hiddenEdit(chat, id);
}

/** Somebody pays for media: from now on the message shows them (core.telegram.org/api/paid-media). */
export function openPaidMedia(chat: Chat, id: number, shown: readonly TlObject[]): void {
  const { message, media } = mediaIn(chat, id, ['messageMediaPaidMedia']);
  const extended_media = shown.map((it) => ({ _: 'messageExtendedMedia', media: it }));
  chat.store.put({ ...message, media: { ...media, extended_media } });
  chat.world.record.note(chat, 'open-media', [id]);
  const update = { _: 'updateMessageExtendedMedia', peer: chat.peer, msg_id: id, extended_media };
  chat.world.announce(chat, renderTree(chat.world, update), [id]);
}
