/**
 * at-once.ts: methods that an account may only have a few calls of in flight. More are punished by a wait, as floods are.
 */
import { RpcError } from './service.js';

/** core.telegram.org/api/updates: at most ten channels may be asked for their differences at a time. */
const MOST: Readonly<Record<string, number>> = { 'updates.getChannelDifference': 10 };
/** Seconds. */
const PUNISHMENT = 3;

export class AtOnce {
  readonly #running = new Map<string, number>();

  /** @param onCount is told how many calls of a limited method are in flight. */
  constructor(private readonly onCount: (method: string, running: number) => void) {}

  /** Begins a call; call the result when it ends. Throws FLOOD_WAIT if there are too many. */
  begin(method: string): () => void {
    const most = MOST[method];
    if (most === undefined) return () => {};
    const running = this.#running.get(method) ?? 0;
    this.onCount(method, running + 1);
    if (running >= most) throw new RpcError(420, `FLOOD_WAIT_${PUNISHMENT}`);
    this.#running.set(method, running + 1);
    return () => this.#running.set(method, this.#running.get(method)! - 1);
  }
}
