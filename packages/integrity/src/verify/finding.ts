/** finding.ts: one finding of a verification, and its form for scripts. Pure. */
import type { MediaRef } from '@tgsync/shared/db';
import { type FindingKind, findingKinds } from './finding-kinds.js';

export interface Finding {
  kind: FindingKind;
  path?: string;
  media?: MediaRef;
  chatId?: bigint;
  messageId?: bigint;
  /** What is there, and what should be. */
  detail?: string;
}

/** Findings are streamed, not collected, as there may be millions. The checks wait while one is being handled. */
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
