/** chats.ts: what tg.chats and tg.defaults name, and what is wanted of each chat. */
import { z } from 'zod';
import type { MediaRules } from '../rules/index.js';
import { canonicalKey, readChatKey } from './chat-key.js';
import { mediaRulesSchema, periodSchema } from './media-rules.js';
import { type RecheckRule, recheckSchema } from './recheck.js';

const range = z
  .tuple([z.int().min(0), z.int().min(0)], { error: 'two message ids, such as [1000, 0] (0: no limit)' })
  .refine(([from, to]) => to === 0 || from <= to, {
    error: 'the first id must not be greater than the second (0: no limit)',
  });

const chatKey = z.string().superRefine((text, context) => {
  const key = readChatKey(text);
  if (typeof key === 'string') context.addIssue({ code: 'custom', message: key });
});

const excludedKinds = ['user', 'bot', 'group', 'supergroup', 'channel'] as const;
const isExcludedKind = (it: string) => (excludedKinds as readonly string[]).includes(it);

/** A chat that "*" leaves out, or a kind of chats. */
const excluded = z.string().superRefine((text, context) => {
  const key = isExcludedKind(text) ? undefined : readChatKey(text);
  if (key === undefined || (typeof key === 'object' && (key.kind === 'id' || key.kind === 'name'))) return;
  context.addIssue({ code: 'custom', message: `a chat id, "@username", or one of ${excludedKinds.join(', ')}` });
});

const deletionModes = ['keep', 'mirror'] as const;
/** What happens to messages that are deleted in Telegram. */
export type DeletionMode = (typeof deletionModes)[number];

export const chatDefaultsSchema = z.strictObject({
  media: mediaRulesSchema
    .optional()
    .describe('Which photos and files to take: false for none, conditions, or a list of rules.'),
  messages: periodSchema.optional().describe('Only messages of this period.'),
  deletions: z
    .enum(deletionModes)
    .optional()
    .describe(
      'keep: messages that are deleted in Telegram stay, marked. mirror: they are removed, with their links. If many would go within a day, only after you allow it with `tgsync deletions allow`.',
    ),
  delete_files: z
    .boolean()
    .optional()
    .describe('With "mirror": also delete files that no message of any chat has any more. False: they stay.'),
});
type ChatDefaults = z.output<typeof chatDefaultsSchema>;

const chatOptions = chatDefaultsSchema.extend({
  range: range.optional().describe('The first and the last message id, both inclusive; 0: no limit on that side.'),
  recheck: recheckSchema.optional().describe('As tg.recheck, for this chat.'),
  exclude: z.array(excluded).optional().describe('For "*": ids, usernames or kinds of chats to leave out.'),
});
type ChatOptions = z.output<typeof chatOptions>;

export const chatsSchema = z.record(chatKey, chatOptions).superRefine((all, context) => {
  const seen = new Map<string, string>();
  for (const [text, { exclude }] of Object.entries(all)) {
    const key = readChatKey(text);
    if (typeof key === 'string') continue;
    const same = seen.get(canonicalKey(key));
    if (same !== undefined)
      context.addIssue({
        code: 'custom',
        path: [text],
        message: `the same as ${JSON.stringify(same)}; keep only one of them`,
      });
    seen.set(canonicalKey(key), text);
    if (exclude && key.kind !== 'all')
      context.addIssue({ code: 'custom', path: [text, 'exclude'], message: 'only for "*"' });
  }
});

interface ChatSettings {
  chats: z.output<typeof chatsSchema>;
  defaults: ChatDefaults;
  recheck: readonly RecheckRule[];
}

/** A chat in config.json and what is wanted of it. */
export interface WantedChat {
  id: bigint;
  /** Its range of message ids. 0: no limit on that side. */
  from: bigint;
  to: bigint;
  /** Only messages sent since then (inclusive) and before then. */
  since: Date | null;
  until: Date | null;
  rules: MediaRules;
  /** Which messages are read again, and how often. */
  recheck: readonly RecheckRule[];
  /** What happens to messages that are deleted in Telegram; with "mirror", whether files that nobody needs any more go, too. */
  deletions: DeletionMode;
  mirrorFiles: boolean;
}

/** The chats that tg.chats names by their ids. */
export function wantedChats({ tg }: { tg: ChatSettings }): WantedChat[] {
  return keysOf(tg.chats).flatMap(({ key, options }) =>
    key.kind === 'id' ? [{ id: key.id, ...wantedOf(options, tg) }] : [],
  );
}

/** What tg.chats names in another way: only Telegram knows which chats that are. */
export interface ChatSelector {
  /** As {@link canonicalKey} writes it. */
  text: string;
  kind: 'name' | 'folder' | 'all';
  /** Kinds of chats, ids, and usernames as "@name". */
  exclude: string[];
  wanted: Omit<WantedChat, 'id'>;
}

/** The keys of tg.chats that are no ids, in their order. */
export function chatSelectors({ tg }: { tg: ChatSettings }): ChatSelector[] {
  return keysOf(tg.chats).flatMap(({ key, options }) =>
    key.kind === 'id'
      ? []
      : [
          {
            text: canonicalKey(key),
            kind: key.kind,
            exclude: (options.exclude ?? []).map(canonicalExclude),
            wanted: wantedOf(options, tg),
          },
        ],
  );
}

function keysOf(all: Record<string, ChatOptions>) {
  return Object.entries(all).flatMap(([text, options]) => {
    const key = readChatKey(text);
    return typeof key === 'string' ? [] : [{ key, options }];
  });
}

function canonicalExclude(text: string): string {
  const key = isExcludedKind(text) ? text : readChatKey(text);
  return typeof key === 'string' ? key : canonicalKey(key);
}

function wantedOf(
  { range: ids, media, messages, recheck, deletions, delete_files: files }: ChatOptions,
  { defaults, recheck: usual }: Omit<ChatSettings, 'chats'>,
): Omit<WantedChat, 'id'> {
  const { since, until } = messages ?? defaults.messages ?? {};
  return {
    from: BigInt(ids?.[0] ?? 0),
    to: BigInt(ids?.[1] ?? 0),
    since: since === undefined ? null : new Date(since),
    until: until === undefined ? null : new Date(until),
    rules: media ?? defaults.media ?? [],
    recheck: recheck ?? usual,
    deletions: deletions ?? defaults.deletions ?? 'keep',
    mirrorFiles: files ?? defaults.delete_files ?? false,
  };
}
