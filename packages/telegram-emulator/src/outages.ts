/**
 * outages.ts: makes a data centre, or some of its addresses, unavailable until a test ends that.
 */
import type { Faults } from './faults.js';
import type { FailureMode } from './listener.js';
import type { AddressFilter, Listeners } from './listeners.js';

/** What is unavailable, and how. */
export interface Outage extends AddressFilter {
  /**
   * `refuses`: nothing listens. `cuts`: every connection is cut at once. `silent`: connections are accepted or stay open, but
   * nothing is sent. `times-out`: every call gets -503 Timeout, as from a data centre whose back end is down.
   */
  readonly how: FailureMode | 'times-out';
  /** The methods that time out; all by default. */
  readonly method?: string | RegExp;
}

const WAYS: readonly Outage['how'][] = ['refuses', 'cuts', 'silent', 'times-out'];

/** Begins an outage. Call the result to end it; it resolves once the addresses are available again. */
export function beginOutage(faults: Faults, listeners: Listeners, outage: Outage): () => Promise<void> {
  const { how, method, port, ...where } = outage;
  if (!WAYS.includes(how)) throw new Error(`how must be one of ${WAYS.join(', ')}`);
  if (how !== 'times-out') {
    if (method !== undefined) throw new Error('method is only possible when how is times-out');
    return listeners.takeDown({ ...where, ...(port !== undefined && { port }) }, how);
  }
  if (port !== undefined) throw new Error('port is not possible when how is times-out');
  const calls = { ...where, ...(method !== undefined && { method }) };
  const fault = faults.add({ ...calls, kind: 'error', code: -503, message: 'Timeout' });
  return () => Promise.resolve(fault.remove());
}
