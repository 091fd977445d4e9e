/** settings.ts: the settings as recorded by the scheduler, for workers that keep running while config.json is edited. */
import { isDeepStrictEqual } from 'node:util';
import { type ChatSelector, type Settings, settingsSchema, type WantedChat } from '../config/index.js';
import type { IdRange } from '../coverage/index.js';
import { theAccount } from './archive.js';
import { lockDialogs } from './lock-dialogs.js';
import { asRows } from './rows.js';
import { recordSelectors } from './record-selectors.js';
import { type Db, inTransaction, sql, type Tx } from './handle.js';
import { chosenChats } from './chosen-chats.js';

export interface RangeChange {
  id: bigint;
  before: IdRange;
  now: IdRange;
}

/** What an edit of config.json has changed. */
export interface SettingsChange {
  added: bigint[];
  dropped: bigint[];
  /** Names, folders and "*" that tg.chats did not have before, or has no more. */
  selectors: { added: string[]; dropped: string[] };
  ranges: RangeChange[];
  /** Chats whose rules for media, period, rechecks or deletions changed. */
  rules: bigint[];
  /** Names of settings whose value changed. */
  settings: string[];
}

/**
 * Records atomically the settings and what tg.chats names: chats by their ids, and selectors of which only Telegram knows the chats, so that
 * these are wanted as last resolved. Chats that are no longer wanted keep their data. Returns what changed since the last record;
 * undefined: there was none.
 */
export async function recordSettings(
  db: Db,
  settings: Settings,
  chats: readonly WantedChat[],
  selectors: readonly ChatSelector[] = [],
): Promise<SettingsChange | undefined> {
  const value = JSON.stringify(settings);
  return await inTransaction(db, async (tx) => {
    // A first login that claims the archive meanwhile waits, and then takes these dialogs over.
    await sql(tx).$queryRaw`SELECT id FROM archive FOR SHARE`;
    const [row] = await sql(tx).$queryRaw<{ value: Record<string, unknown> }[]>`SELECT value FROM settings`;
    const before = await wantedNow(tx);
    await sql(tx).$executeRaw`
      INSERT INTO settings (value) VALUES (${value}::jsonb)
      ON CONFLICT ("only") DO UPDATE SET value = excluded.value, recorded_at = now()`;
    const changed = await recordSelectors(tx, chats, selectors);
    await applySelectors(tx);
    const now = { settings: { ...settings }, chats: await wantedNow(tx) };
    return row && { ...changeOf({ settings: row.value, chats: before }, now), selectors: changed };
  });
}

async function wantedNow(tx: Tx): Promise<WantedChat[]> {
  return await sql(tx).$queryRaw<WantedChat[]>`
      SELECT chat_id AS id, range_from AS "from", range_to AS "to", since, until, rules, recheck, deletions,
        mirror_files AS "mirrorFiles" FROM dialog WHERE wanted`;
}

/** Makes exactly the chats wanted that the recorded selectors mean. */
export async function applySelectors(tx: Tx): Promise<void> {
  const chats = await chosenChats(tx);
  const rows = asRows(chats);
  // Chats before dialogs, as everywhere; and a conflict with one that is being changed would wait.
  await sql(tx).$executeRaw`
      INSERT INTO chat (id, kind, title) SELECT id, 'unknown', '' FROM jsonb_to_recordset(${rows}::jsonb) AS x(id bigint)
      WHERE NOT EXISTS (SELECT FROM chat WHERE chat.id = x.id) ORDER BY id ON CONFLICT DO NOTHING`;
  await lockDialogs(
    tx,
    chats.map((it) => it.id),
    { andWanted: true },
  );
  await sql(tx).$executeRaw`
      WITH named AS (SELECT * FROM jsonb_to_recordset(${rows}::jsonb) 
        AS x(id bigint, "from" bigint, "to" bigint, since timestamptz, until timestamptz, rules jsonb, recheck jsonb,
          deletions text, "mirrorFiles" boolean)),
      dropped AS (UPDATE dialog SET wanted = false WHERE wanted AND chat_id NOT IN (SELECT id FROM named))
      INSERT INTO dialog (account_id, chat_id, wanted, range_from, range_to, since, until, rules, recheck, deletions, mirror_files)
      SELECT ${theAccount}, id, true, "from", "to", since, until, rules, coalesce(recheck, '[]'), coalesce(deletions, 'keep'),
        coalesce("mirrorFiles", false) FROM named ORDER BY id
      ON CONFLICT (chat_id, account_id) DO UPDATE SET wanted = true, range_from = excluded.range_from, range_to = excluded.range_to,
        rules = excluded.rules, rules_applied = dialog.rules_applied AND dialog.rules = excluded.rules,
        since = excluded.since, until = excluded.until, recheck = excluded.recheck,
        deletions = excluded.deletions, mirror_files = excluded.mirror_files,
        bounds_at = CASE WHEN (dialog.since, dialog.until) IS NOT DISTINCT FROM (excluded.since, excluded.until) THEN dialog.bounds_at END`;
}

interface Recorded {
  settings: Record<string, unknown>;
  chats: readonly WantedChat[];
}

function changeOf(before: Recorded, now: Recorded): Omit<SettingsChange, 'selectors'> {
  const [had, has] = [before, now].map((of) => new Map(of.chats.map((it) => [it.id, { from: it.from, to: it.to }])));
  const ranges = [...has!].flatMap(([id, range]) => {
    const old = had!.get(id);
    return old && (old.from !== range.from || old.to !== range.to) ? [{ id, before: old, now: range }] : [];
  });
  const names = new Set([...Object.keys(before.settings), ...Object.keys(now.settings)]);
  const same = (name: string) => JSON.stringify(before.settings[name]) === JSON.stringify(now.settings[name]);
  const rulesOf = ({ since, until, rules: of, recheck, deletions, mirrorFiles }: WantedChat) => {
    return { since, until, of, recheck, deletions, mirrorFiles };
  };
  const rulesBefore = new Map(before.chats.map((it) => [it.id, rulesOf(it)]));
  const isOther = (it: WantedChat) => {
    const is = rulesOf(it);
    const was = rulesBefore.get(it.id) ?? is;
    // An earlier version recorded no rechecks: that they are there now is no edit.
    return !isDeepStrictEqual({ ...was, recheck: was.recheck.length > 0 ? was.recheck : is.recheck }, is);
  };
  const rules = now.chats.filter(isOther).map((it) => it.id);
  return {
    rules,
    added: [...has!.keys()].filter((id) => !had!.has(id)),
    dropped: [...had!.keys()].filter((id) => !has!.has(id)),
    ranges,
    settings: [...names].filter((it) => !same(it)),
  };
}

/** undefined until a scheduler of this version has recorded some: an older one knew fewer settings. */
export async function readSettings(db: Db): Promise<Settings | undefined> {
  const rows = await sql(db).$queryRaw<{ value: unknown }[]>`SELECT value FROM settings`;
  return settingsSchema.safeParse(rows[0]?.value).data;
}

const lookMs = 3000;

/** Polls the recorded settings every few seconds and passes on changes. Returns a function that stops it. */
export function followSettings(db: Db, onSettings: (settings: Settings) => void): () => void {
  let last = '';
  const look = async () => {
    const settings = await readSettings(db);
    if (!settings || JSON.stringify(settings) === last) return;
    last = JSON.stringify(settings);
    onSettings(settings);
  };
  const timer = setInterval(() => void look().catch(() => {}), lookMs);
  return () => clearInterval(timer);
}
