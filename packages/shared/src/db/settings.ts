/** settings.ts: the settings as the scheduler recorded them, for workers that run on while config.json is edited. */
import { type Settings, settingsSchema, type WantedChat } from '../config/index.js';
import type { Db } from './open.js';
import { asRows } from './rows.js';

/** Records settings and wanted chats, all or nothing. Chats that are no longer wanted keep their data. */
export async function recordSettings(db: Db, settings: Settings, chats: readonly WantedChat[]): Promise<void> {
  const value = JSON.stringify(settings);
  const rows = asRows(chats);
  await db.$transaction(async (tx) => {
    await tx.$executeRaw`
      INSERT INTO settings (value) VALUES (${value}::jsonb)
      ON CONFLICT ("only") DO UPDATE SET value = excluded.value, recorded_at = now()`;
    await tx.$executeRaw`
      WITH named AS (SELECT * FROM jsonb_to_recordset(${rows}::jsonb) AS x(id bigint, "from" bigint, "to" bigint)),
      dropped AS (UPDATE chat SET wanted = false WHERE wanted AND id NOT IN (SELECT id FROM named))
      INSERT INTO chat (id, kind, title, wanted, range_from, range_to)
      SELECT id, 'unknown', '', true, "from", "to" FROM named
      ON CONFLICT (id) DO UPDATE SET wanted = true, range_from = excluded.range_from, range_to = excluded.range_to`;
  });
}

/** Undefined until a scheduler of this version has recorded some: an older one knew fewer settings. */
export async function readSettings(db: Db): Promise<Settings | undefined> {
  const row = await db.settings.findFirst();
  return settingsSchema.safeParse(row?.value).data;
}

const lookMs = 3000;

/** Looks every few seconds whether other settings were recorded, and tells them; returns a function that ends it. */
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
