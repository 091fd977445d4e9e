/**
 * fault-filter.ts: which calls a fault applies to. Pure.
 */
import { asksForMessage, peersAskedFor } from './asked-for.js';
import type { TlObject } from './tl/value.js';
import type { WireCall } from './wire-call.js';
import { type Who, whoId } from './world/message.js';

/** Which calls a fault applies to: all conditions must hold. */
export interface FaultFilter {
  readonly method?: string | RegExp;
  readonly dc?: number;
  readonly mediaOnly?: boolean;
  /** Only calls that ask for this chat or user, alone or among others. */
  readonly peer?: Who;
  /** Only calls that ask for a message of this id, alone or among others. */
  readonly messageId?: number;
  /** Only calls for the bytes or hashes of this photo or document. */
  readonly file?: bigint;
  /** Only calls inside `initConnection`, or only those outside. */
  readonly inited?: boolean;
  /** Only from the n-th call on a connection, counting from 1 and every method. */
  readonly fromCall?: number;
  /** How many calls are affected; unlimited by default. */
  readonly times?: number;
  /** How many matching calls are let through first. */
  readonly skip?: number;
  /** Affects only every n-th matching call: 8 means the 8th, the 16th, … */
  readonly every?: number;
}

/** Whether a fault applies to this call, regardless of how many it has affected. */
export function matches(fault: FaultFilter, { query, dc, mediaOnly, inited, connection, login }: WireCall): boolean {
  const { method, peer, messageId, file } = fault;
  if (typeof method === 'string' && method !== query._) return false;
  if (method instanceof RegExp && query._.search(method) < 0) return false;
  if ((fault.dc ?? dc) !== dc || (fault.mediaOnly ?? mediaOnly) !== mediaOnly) return false;
  if ((fault.inited ?? inited) !== inited || connection.calls < (fault.fromCall ?? 0)) return false;
  if (file !== undefined && (query['location'] as TlObject | undefined)?.['id'] !== file) return false;
  if (peer !== undefined && !peersAskedFor(query, login?.userId).has(whoId(peer))) return false;
  return messageId === undefined || asksForMessage(query, messageId);
}
