/**
 * counters.ts: counts what happened on the wire, for tests and benchmarks; the emulator's behaviour never depends on it.
 */
import type { Endpoint } from './connection.js';

/** Counts by name. */
type Tally = Record<string, number>;

/** A snapshot of the counters. */
export interface Counters {
  /** Calls by method. */
  calls: Tally;
  /** Calls by method and data centre, such as `calls['upload.getFile'][4]`. */
  callsByDc: Record<string, Record<number, number>>;
  /** `rpc_error` answers by message, such as `FLOOD_WAIT_3`. */
  errors: Tally;
  /** Methods that the emulator does not know, by name or by constructor id. */
  unknownMethods: Tally;
  /** Answers that did not fit the schema, by problem. */
  encodeErrors: Tally;
  /** What the message layer rejected: `bad_server_salt`, `bad_msg_notification 32`, `unknown key`, `msg_key`, … */
  protocol: Tally;
  bytesIn: number;
  bytesOut: number;
  connections: { dc: number; mediaOnly: boolean; opened: number; open: number }[];
  /** Keys made, by data centre. */
  keyExchanges: Record<number, number>;
  /** The most calls in flight at once, for methods that have a limit. */
  atOnce: Tally;
  /** Logins that ended because two connections used them in parallel. */
  sessionRuleViolations: number;
}

/** Adds one. */
export const count = (tally: Record<string | number, number>, name: string | number): void => {
  tally[name] = (tally[name] ?? 0) + 1;
};

export class Counting {
  #now = zero();
  readonly #connections = new Map<string, { dc: number; mediaOnly: boolean; opened: number; open: number }>();

  /** The live counters. */
  get now(): Counters {
    return this.#now;
  }

  /** A copy that no longer changes. */
  snapshot(): Counters {
    return structuredClone({ ...this.#now, connections: [...this.#connections.values()] });
  }

  /** Resets to zero, except for connections that are still open. */
  reset(): void {
    this.#now = zero();
    for (const it of this.#connections.values()) it.opened = 0;
  }

  call(method: string, dc: number): void {
    count(this.#now.calls, method);
    count((this.#now.callsByDc[method] ??= {}), dc);
  }

  atOnce(method: string, running: number): void {
    this.#now.atOnce[method] = Math.max(running, this.#now.atOnce[method] ?? 0);
  }

  traffic(received: number, sent: number): void {
    this.#now.bytesIn += received;
    this.#now.bytesOut += sent;
  }

  opened(endpoint: Endpoint): void {
    const at = this.#at(endpoint);
    at.opened++;
    at.open++;
  }

  closed(endpoint: Endpoint): void {
    this.#at(endpoint).open--;
  }

  #at({ dc, mediaOnly }: Endpoint): { opened: number; open: number } {
    const name = `${dc} ${mediaOnly}`;
    let at = this.#connections.get(name);
    if (!at) this.#connections.set(name, (at = { dc, mediaOnly, opened: 0, open: 0 }));
    return at;
  }
}

const zero = (): Counters => ({
  calls: {},
  callsByDc: {},
  errors: {},
  unknownMethods: {},
  encodeErrors: {},
  protocol: {},
  bytesIn: 0,
  bytesOut: 0,
  connections: [],
  keyExchanges: {},
  atOnce: {},
  sessionRuleViolations: 0,
});
