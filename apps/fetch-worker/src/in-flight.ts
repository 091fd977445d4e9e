/**
 * in-flight.ts: how many calls may be in flight at once. Telegram does not say how much history it gives away how fast, so this is found
 * out: one more after each round of calls that went well, half as many after a refusal. Chats take turns. Pure: it waits for calls only.
 */
import { RetryAfterError } from '@tgsync/shared/errors';

type Start = () => void;

const atFirst = 2;

export class InFlight {
  private allowed: number;
  private running = 0;
  /** Calls that went well since `allowed` last changed. */
  private wentWell = 0;
  /** Counts the refusals that were acted on: calls that began before one belong to the same burst. */
  private era = 0;
  /** By chat; the chat whose turn it is comes first. */
  private readonly waiting = new Map<bigint, Start[]>();

  /** `most`: calls at once. */
  constructor(readonly most: number) {
    this.allowed = Math.min(atFirst, most);
  }

  /** Makes a call once there is room for it. Rethrows its errors, and the signal's reason if that comes first. */
  async run<T>(chatId: bigint, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    await this.turn(chatId, signal);
    const { era } = this;
    try {
      const answer = await call();
      this.succeeded();
      return answer;
    } catch (error) {
      if (error instanceof RetryAfterError && era === this.era) this.refused();
      throw error;
    } finally {
      this.running--;
      this.startWaiting();
    }
  }

  private succeeded(): void {
    this.wentWell++;
    if (this.wentWell < this.allowed || this.allowed === this.most) return;
    this.allowed++;
    this.wentWell = 0;
  }

  private refused(): void {
    this.allowed = Math.max(1, Math.floor(this.allowed / 2));
    this.wentWell = 0;
    this.era++;
  }

  /** Resolves once the call counts as running. */
  private async turn(chatId: bigint, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const start = () => {
        signal.removeEventListener('abort', onAbort);
        this.running++;
        resolve();
      };
      const onAbort = () => {
        this.remove(chatId, start);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.waiting.set(chatId, [...(this.waiting.get(chatId) ?? []), start]);
      this.startWaiting();
    });
  }

  private startWaiting(): void {
    for (const [chatId, [start, ...others]] of this.waiting) {
      if (this.running >= this.allowed) return;
      this.waiting.delete(chatId);
      if (others.length > 0) this.waiting.set(chatId, others); // behind the other chats
      start!();
    }
  }

  private remove(chatId: bigint, start: Start): void {
    const others = (this.waiting.get(chatId) ?? []).filter((it) => it !== start);
    if (others.length > 0) this.waiting.set(chatId, others);
    else this.waiting.delete(chatId);
  }
}
