/** media-emitter.ts: hands new media to the media queue within its bound, urgent ones first and always; the scheduler finds the rest. */
import type { MediaRef, Waiting } from '@tgsync/shared/db';
import { mediaTitle, type Queues } from '@tgsync/shared/jobs';

/** The free capacity is queried only now and then, not for every page. */
const askAgainMs = 1000;
/** Of those that need not wait, so many may be under way while the queue does not answer. */
const mostUnderWay = 100;

export class MediaEmitter {
  private room = 0;
  private askedAt = -Infinity;
  private underWay = 0;

  constructor(private readonly queues: Queues) {}

  /** `messages` are the messages of the media, which have the file names. */
  async emit(media: readonly MediaRef[], chatTitle: string, messages: Waiting['messages']): Promise<void> {
    if (media.length === 0) return;
    const held = new Map(messages.flatMap((it) => it.media.map((one) => [`${one.kind}-${one.id}`, one] as const)));
    const its = (it: MediaRef) => held.get(`${it.kind}-${it.id}`);
    const urgent = media.filter((it) => its(it)?.isUrgent);
    const others = await this.withinBound(media.filter((it) => !its(it)?.isUrgent));
    const job = (it: MediaRef, isUrgent: boolean) => {
      const title = mediaTitle(chatTitle, { ...it, name: its(it)?.name });
      return { name: 'download-media', payload: it, title, isUrgent } as const;
    };
    await this.queues.enqueue([...urgent.map((it) => job(it, true)), ...others.map((it) => job(it, false))]);
  }

  /** As `emit`, without waiting: whoever applies updates goes on while the queue is away. What it does not take, the scheduler finds. */
  emitSoon(...given: Parameters<MediaEmitter['emit']>): void {
    if (this.underWay >= mostUnderWay) return;
    this.underWay++;
    this.emit(...given)
      .catch(() => {}) // the queue's state is watched elsewhere
      .finally(() => this.underWay--);
  }

  private async withinBound(media: readonly MediaRef[]): Promise<MediaRef[]> {
    if (media.length === 0) return [];
    if (performance.now() - this.askedAt > askAgainMs) {
      this.room = await this.queues.capacity('media');
      this.askedAt = performance.now();
    }
    const now = media.slice(0, this.room);
    this.room -= now.length;
    return now;
  }
}
