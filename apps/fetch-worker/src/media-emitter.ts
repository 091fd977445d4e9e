/** media-emitter.ts: hands new media to the media queue within its bound; the scheduler finds the rest. */
import type { MediaRef, MessageRow } from '@tgsync/shared/db';
import { mediaTitle, type Queues } from '@tgsync/shared/jobs';

/** The free capacity is queried only now and then, not for every page. */
const askAgainMs = 1000;

export class MediaEmitter {
  private room = 0;
  private askedAt = -Infinity;

  constructor(private readonly queues: Queues) {}

  /** `messages` are the messages of the media, which have the file names. */
  async emit(media: readonly MediaRef[], chatTitle: string, messages: readonly MessageRow[]): Promise<void> {
    if (media.length === 0) return;
    if (performance.now() - this.askedAt > askAgainMs) {
      this.room = await this.queues.capacity('media');
      this.askedAt = performance.now();
    }
    const now = media.slice(0, this.room);
    this.room -= now.length;
    const names = new Map(
      messages.flatMap((it) => it.media.map((one) => [`${one.kind}-${one.id}`, one.name] as const)),
    );
    const title = (it: MediaRef) => mediaTitle(chatTitle, { ...it, name: names.get(`${it.kind}-${it.id}`) });
    await this.queues.enqueue(now.map((payload) => ({ name: 'download-media', payload, title: title(payload) })));
  }
}
