/**
 * outages.ts: a data centre, or some of its addresses, is away until a test says otherwise.
 */
import type { Faults } from './faults.js';
import type { Away } from './listener.js';
import type { AddressFilter, Listeners } from './listeners.js';

/** What is away, and how. */
export interface Outage extends AddressFilter {
  /**
   * `refuses`: nothing listens. `cuts`: every connection is cut at once. `silent`: connections are accepted, or stay open,
   * and nothing is ever said. `times-out`: every call is answered -503 Timeout, as by a data centre whose back end is away.
   */
  readonly how: Away | 'times-out';
  /** The methods that time out; by default all. */
  readonly method?: string | RegExp;
}

const WAYS: readonly Outage['how'][] = ['refuses', 'cuts', 'silent', 'times-out'];

/** Begins an outage; the result ends it, and resolves when the place is there again. */
export function beginOutage(faults: Faults, listeners: Listeners, outage: Outage): () => Promise<void> {
  const { how, method, port, ...where } = outage;
  if (!WAYS.includes(how)) throw new Error(`how must be one of ${WAYS.join(', ')}`);
  if (how !== 'times-out') {
    if (method !== undefined) throw new Error('only an outage that times out is one of methods');
    return listeners.goAway({ ...where, ...(port !== undefined && { port }) }, how);
  }
  if (port !== undefined) throw new Error('a back end has no port');
  const calls = { ...where, ...(method !== undefined && { method }) };
  const fault = faults.add({ ...calls, kind: 'error', code: -503, message: 'Timeout' });
  return () => Promise.resolve(fault.remove());
}
