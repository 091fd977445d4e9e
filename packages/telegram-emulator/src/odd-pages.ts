/**
 * odd-pages.ts: pages of messages that are odd but allowed: the documentation promises neither full pages, nor an order,
 * nor a steady count.
 */
import type { TlObject } from './tl/value.js';

/** How a page is odd. */
export type Oddity = 'shorter' | 'empty' | 'unordered' | 'doubled' | 'miscounted';

const ways: Record<Oddity, (page: TlObject, messages: readonly unknown[]) => TlObject> = {
  shorter: (page, messages) => ({ ...page, messages: messages.slice(0, Math.ceil(messages.length / 3)) }),
  empty: (page) => ({ ...page, messages: [] }),
  unordered: (page, messages) => ({ ...page, messages: messages.toReversed() }),
  doubled: (page, messages) => ({ ...page, messages: [...messages, ...messages] }),
  miscounted: (page) => ({ ...page, ...('count' in page ? { count: 1 } : {}) }),
};

/** Makes a page odd; answers without messages stay as they are. */
export function oddPage(value: unknown, oddity: Oddity): unknown {
  const page = value as TlObject;
  return Array.isArray(page?.['messages']) ? ways[oddity](page, page['messages'] as unknown[]) : value;
}
