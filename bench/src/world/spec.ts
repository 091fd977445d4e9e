/** spec.ts: what a benchmark's world contains, as an argument to the process that serves it, and what that process reports. */
import type { Address, ServerSetting } from '@tgsync/telegram-emulator';

/** Some documents of one kind, spread evenly over sizes and data centres. */
export interface FileSpec {
  count: number;
  /** Bytes of the smallest and of the largest one. */
  min: number;
  max: number;
  dcs: number[];
}

export interface WorldSpec {
  /** Messages without a file. */
  texts: number;
  files: FileSpec[];
}

/** What the process prints once it listens. */
export interface Served {
  server: ServerSetting;
  addresses: Address[];
  account: { phone: string; code: string };
  /** Marked id of the one channel that has all messages. */
  chat: string;
  messages: number;
  files: number;
  bytes: number;
}

export type Order = { latency: number } | { awaitCall: string };
/** When the awaited call arrived, by the wall clock, in milliseconds. */
export interface Arrived {
  at: number;
}

const day = 86_400;

/** The n-th size, of `count` spread evenly between both ends. */
export const sizeOf = ({ count, min, max }: FileSpec, index: number): number =>
  Math.round(min + ((max - min) * index) / Math.max(1, count - 1));

const words = 'a few plain words as people write them every day in a chat about nothing special'.split(' ');

/** The n-th text message: one to forty words, some with formatting, replies and views, as in an ordinary channel. */
export function textMessage(index: number): Record<string, unknown> {
  const length = 1 + ((index * 7) % 40);
  const text = Array.from({ length }, (_, at) => words[(index + at * 3) % words.length]).join(' ');
  return {
    text,
    date: 1_704_067_200 + Math.floor((index * 200 * day) / 1_000_000),
    ...(index % 4 === 0 && { entities: [{ _: 'messageEntityBold', offset: 0, length: text.length }] }),
    ...(index % 5 === 1 && index > 10 && { replyTo: index - 9 }),
    ...(index % 2 === 0 && { views: index % 1000, forwards: index % 7 }),
    ...(index % 9 === 0 && { editDate: 1_704_067_300 + index * 60 }),
  };
}
