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

/** Findings as they are found: nothing is kept, as there may be millions. The checks wait for whoever deals with one. */
export type Findings = AsyncGenerator<Finding, void>;

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
