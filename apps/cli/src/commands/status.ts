/**
 * status.ts: `tgsync status [--json]` shows what is stored and what is owed for each chat, which chats the names and folders of tg.chats mean, then
 * what failed and why. The dashboard's address goes to stderr. `tgsync status <chat>` shows what is provable of one chat.
 */
import { printableLine } from '@tgsync/shared/app';
import type { Environment } from '@tgsync/shared/config';
import {
  archiveId,
  type Db,
  type ChatStatus,
  chatStatuses,
  currentTroubles,
  type FailedMedia,
  failedMedia,
  type Liveness,
  livenessOf,
  loginProblem,
  selectorRows,
  type SelectorStatus,
  selectorStatuses,
  type UnreadCount,
  wantedChatRows,
  workerCiphers,
} from '@tgsync/shared/db';
import { goneFiles } from '@tgsync/shared/media';
import { holdsArchive } from '@tgsync/shared/store';
import { chatDetail } from '../chat-detail.js';
import { findNamedChat } from '../find-chat.js';
import { inviteToDashboard } from '../invite.js';
import { withArchive } from '../open-archive.js';
import { selectorTable } from '../selector-table.js';
import { statusTable } from '../status-table.js';
import { print, printJson } from '../terminal.js';

export async function statusCommand(
  env: Environment,
  [chat]: readonly string[],
  { json }: { json: boolean },
): Promise<number> {
  if (chat !== undefined) return await chatCommand(env, chat, json);
  await withArchive(env, async (db, config) => {
    const chats = await chatStatuses(db);
    const failed = await failedMedia(db);
    const problem = await loginProblem(db);
    const troubles = [
      ...new Set([...(problem === null ? [] : [problem]), ...(await currentTroubles(db)), ...(await gone(db, env))]),
    ];
    const selectors = await selectorStatuses(db);
    const unresolved = (await selectorRows(db)).flatMap(({ text, problem }) => (problem ? [{ text, problem }] : []));
    const ciphers = await workerCiphers(db);
    const updates = await livenessOf(db);
    const findings = { chats, selectors, unresolved, failed, troubles, ciphers, updates };
    if (json) printJson(findings, 2);
    else print(asText(findings));
    if (!json) inviteToDashboard(config, env);
  });
  return 0;
}

async function chatCommand(env: Environment, text: string, json: boolean): Promise<number> {
  await withArchive(env, async (db) => {
    const { id } = findNamedChat(await wantedChatRows(db), text);
    const status = (await chatStatuses(db)).find((it) => it.id === id)!;
    if (json) printJson(status, 2);
    else print(chatDetail(status));
  });
  return 0;
}

/** The question about missing files, if any. A media folder that is not mounted is reported elsewhere. */
async function gone(db: Db, { media }: Environment): Promise<string[]> {
  const isThere = await holdsArchive(media, await archiveId(db)).catch(() => false);
  return isThere ? (await goneFiles(db, media)).map((it) => it.question) : [];
}

interface Findings {
  chats: readonly ChatStatus[];
  /** The keys of tg.chats that are no ids. */
  selectors: readonly SelectorStatus[];
  /** Those that could not be resolved, and usernames that "*" leaves out. */
  unresolved: readonly { text: string; problem: string }[];
  failed: readonly FailedMedia[];
  /** What currently keeps the fleet from working. */
  troubles: readonly string[];
  /** What the running media workers encrypt with. */
  ciphers: readonly { cipher: string | null; workers: number }[];
  /** Whether what happens is known at once, by account. */
  updates: readonly Liveness[];
}

function asText({ chats, selectors, unresolved, failed, troubles, ciphers, updates }: Findings): string {
  const problems = [
    ...troubles,
    ...unresolved.map((it) => `${it.text}: ${it.problem}`),
    ...selectors.flatMap((it) => (it.note === null ? [] : [`${it.text}: ${it.note}`])),
    ...chats.filter((it) => it.reason).map((it) => `chat ${it.id}: ${it.reason}`),
    ...chats.flatMap((it) => it.unread.map((one) => `chat ${it.id}: ${unreadWords(one)}`)),
    ...failed.map((it) => `${it.kind} ${it.id} (${it.state === 'saved' ? 'not linked' : it.state}): ${it.reason}`),
  ];
  const none = selectors.length
    ? 'No chats yet: which ones tg.chats means is not known.'
    : 'No chats yet. Put ids from chats.json into tg.chats in config.json and restart the scheduler.';
  const table = chats.length ? statusTable(chats) : none;
  const named = selectors.length > 0 ? [selectorTable(selectors)] : [];
  const workers = [...ciphers.map(cipherLine), ...updates.map(updatesLine)];
  return [table, ...named, ...problems.map(printableLine), ...workers].join('\n');
}

function unreadWords({ constructor, messages }: UnreadCount): string {
  const what = constructor === null ? 'their parts contradict each other' : `constructor 0x${constructor}`;
  return `${messages} messages cannot be read by this version (${what}); kept as sent for a later version`;
}

function updatesLine({ live, heardAt, behind }: Liveness): string {
  const last = heardAt === null ? 'none came yet' : `the last one came at ${heardAt.toISOString()}`;
  const late = behind > 0 ? `; ${behind} channels are behind` : '';
  return live ? `updates are applied as they come; ${last}${late}` : `updates are not applied now; ${last}`;
}

function cipherLine({ cipher, workers }: Findings['ciphers'][number]): string {
  const running = `${workers} media ${workers === 1 ? 'worker' : 'workers'} running, cipher: ${cipher ?? 'unknown'}`;
  const isSlow = cipher === 'wasm' || cipher === 'javascript';
  return isSlow ? `${running} (native is several times faster; it needs a C compiler at set-up)` : running;
}
