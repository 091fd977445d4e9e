/**
 * event-tl.ts: one step of a pts sequence as updates, to be pushed or put into a difference.
 */
import type { TlObject } from '../tl/value.js';
import { messageTl } from '../world/message-tl.js';
import type { UpdateEvent } from '../world/update-log.js';

/** The updates of an event; messages deleted since are not shown. */
export function updatesOf({ kind, chat, ids, pts, count }: UpdateEvent): TlObject[] {
  const [channel, sequence] = [chat.ownSequence ? 'Channel' : '', { pts, pts_count: count }];
  if (kind === 'delete') {
    const whose = chat.ownSequence ? { channel_id: chat.bareId } : {};
    return [{ _: `updateDelete${channel}Messages`, ...whose, messages: ids, ...sequence }];
  }
  if (kind === 'preview') {
    const whose = chat.ownSequence ? { channel_id: chat.bareId } : {};
    return ids.flatMap((id) => {
      const message = chat.store.get(id);
      const media = message && (messageTl(chat, message)['media'] as TlObject | undefined);
      return media?.['webpage']
        ? [{ _: `update${channel}WebPage`, ...whose, webpage: media['webpage'], ...sequence }]
        : [];
    });
  }
  const name = kind === 'new' ? `updateNew${channel}Message` : `updateEdit${channel}Message`;
  const found = ids.flatMap((id) => chat.store.get(id) ?? []);
  return found.map((it) => ({ _: name, message: messageTl(chat, it), ...sequence }));
}
