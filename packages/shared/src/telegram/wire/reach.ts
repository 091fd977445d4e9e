/**
 * reach.ts: a data centre has several addresses, some of which may be unreachable from here. They are tried in turn, and unreachable
 * ones come last for a while.
 */
import { ConnectionLostError } from '../../errors/index.js';
import type { Address, TelegramConnection } from './connection.js';

/** After this, a dead address is tried in its usual order again. */
const rememberedMs = 10 * 60_000;

export class Reach {
  private readonly deadUntil = new Map<string, number>();
  private readonly opened = new Map<string, TelegramConnection>();

  /** Opens a connection to the first of a data centre's addresses that accepts it. Throws the last one's error. */
  async open(
    addresses: readonly Address[],
    open: (address: Address) => Promise<TelegramConnection>,
  ): Promise<TelegramConnection> {
    let failure: unknown = new ConnectionLostError('no address is known');
    for (const address of this.inOrder(addresses)) {
      const name = nameOf(address);
      try {
        const connection = await open(address);
        this.opened.set(name, connection);
        return connection;
      } catch (error) {
        if (!(error instanceof ConnectionLostError)) throw error;
        this.deadUntil.set(name, performance.now() + rememberedMs);
        failure = error;
      }
    }
    throw failure;
  }

  private inOrder(addresses: readonly Address[]): Address[] {
    for (const [name, connection] of this.opened) {
      if (connection.isOpen) continue;
      if (connection.wasMute) this.deadUntil.set(name, performance.now() + rememberedMs);
      else this.deadUntil.delete(name);
      this.opened.delete(name);
    }
    const isDead = (it: Address) => (this.deadUntil.get(nameOf(it)) ?? 0) > performance.now();
    return [...addresses].sort((a, b) => Number(isDead(a)) - Number(isDead(b)));
  }
}

function nameOf({ host, port }: Address): string {
  return `${host} ${port}`;
}
