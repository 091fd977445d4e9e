/**
 * container.ts: the messages in a container, by the rules for containers. Pure.
 */
import { TlError } from '../tl/error.js';
import { TlReader } from '../tl/reader.js';
import type { Incoming } from './context.js';

export const CONTAINER = 0x73f1f8dc;
const MOST_MESSAGES = 1020;

/** The messages in a container; undefined if it breaks the rules: its messages must be older than it. */
export function containedIn(body: Buffer, containerId: bigint): Incoming[] | undefined {
  const messages: Incoming[] = [];
  try {
    const reader = new TlReader(body.subarray(4));
    const length = reader.int();
    if (length < 1 || length > MOST_MESSAGES) return undefined;
    for (let index = 0; index < length; index++) {
      const [msgId, seqNo, size] = [reader.long(), reader.int(), reader.int()];
      if (msgId >= containerId || size < 4 || size % 4 !== 0) return undefined;
      messages.push({ msgId, seqNo, body: reader.take(size) });
    }
    return reader.left === 0 ? messages : undefined;
  } catch (error) {
    if (error instanceof TlError) return undefined;
    throw error;
  }
}
