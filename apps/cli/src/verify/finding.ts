/** finding.ts: one thing that a verification found, and how a script reads it. Pure. */
import type { MediaRef } from '@tgsync/shared/db';
import { type FindingKind, findingKinds } from './finding-kinds.js';

export interface Finding {
  kind: FindingKind;
  path?: string;
  media?: MediaRef;
  chatId?: bigint;
  messageId?: bigint;
  /** What exactly is there, and what should be. */
  detail?: string;
}

/** Told of every finding as it is found; the checks wait for it. */
export type Tell = (finding: Finding) => Promise<void>;

/** A finding as a line of --json. */
export function asRecord({ kind, media, chatId, messageId, ...it }: Finding) {
  const { level, advice } = findingKinds[kind];
  return {
    finding: kind,
    level,
    ...it,
    ...(media ? { media: { kind: media.kind, id: media.id.toString() } } : {}),
    ...(chatId === undefined ? {} : { chat: chatId.toString() }),
    ...(messageId === undefined ? {} : { message: messageId.toString() }),
    advice,
  };
}

/** A finding as a line for a person. */
export function asLine({ path, media, chatId, messageId, detail }: Finding): string {
  const where =
    path ??
    (media ? `${media.kind} ${media.id}` : undefined) ??
    [chatId === undefined ? '' : `chat ${chatId}`, messageId === undefined ? '' : `message ${messageId}`]
      .join(' ')
      .trim();
  return [where, detail].filter(Boolean).join(': ');
}
