/**
 * counters.ts: how often a channel's post was seen and forwarded.
 */
import type { Chat } from '../chat.js';
import { setFields } from './edits.js';

function channelOnly(chat: Chat): void {
  if (!chat.ownSequence) throw new Error(`${chat.title} is no channel, so nothing is counted there`);
}

/** A post was seen this often. */
export function setViews(chat: Chat, id: number, views: number): void {
  channelOnly(chat);
  const { forwards = 0 } = chat.existing(id).fields ?? {};
  setFields(chat, id, { views, forwards });
  chat.world.record.note(chat, 'views', [id]);
  chat.world.announce(chat, { _: 'updateChannelMessageViews', channel_id: chat.bareId, id, views }, [id]);
}

/** A post was forwarded this often. */
export function setForwards(chat: Chat, id: number, forwards: number): void {
  channelOnly(chat);
  const { views = 0 } = chat.existing(id).fields ?? {};
  setFields(chat, id, { views, forwards });
  chat.world.record.note(chat, 'forwards', [id]);
  chat.world.announce(chat, { _: 'updateChannelMessageForwards', channel_id: chat.bareId, id, forwards }, [id]);
}
