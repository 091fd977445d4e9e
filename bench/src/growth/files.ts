/** files.ts: the media folder of a world: sparse files of the right sizes with their hard links, as a verification looks at names and sizes. */
import { closeSync, existsSync, ftruncateSync, linkSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { archiveId, closeDb, openDb } from '@tgsync/shared/db';
import { claimMediaFolder, repoFolder } from '@tgsync/shared/store';
import type { Growth } from './open.js';

interface File {
  kind: 'photo' | 'document';
  id: string;
  size: string;
  file: string;
  chat: string;
  link: string;
}

const pageSize = 20_000;

/** Makes them once; a folder that exists is left alone. */
export async function makeFiles({ pool, env, postgres }: Growth): Promise<void> {
  if (existsSync(env.media)) return;
  mkdirSync(env.media, { recursive: true });
  mkdirSync(env.temp, { recursive: true });
  const db = await openDb(postgres.url);
  await claimMediaFolder(env.media, await archiveId(db), false);
  await closeDb(db);
  for (const kind of ['photo', 'document'] as const) {
    mkdirSync(join(env.media, repoFolder(kind)), { recursive: true });
    for (let page: File[] = [], after = '0'; ; after = page.at(-1)!.id) {
      const { rows } = await pool.query<File>(
        `SELECT m.kind, m.media_id AS id, size, file_name AS file, chat_id AS chat, link_name AS link
         FROM ${kind} JOIN message_media m ON m.kind = '${kind}' AND m.media_id = ${kind}.id
         WHERE ${kind}.id > $1 AND file_name LIKE '%.bin' ORDER BY ${kind}.id LIMIT ${pageSize}`,
        [after],
      );
      page = rows;
      for (const it of page) makeFile(env.media, it);
      if (page.length < pageSize) break;
    }
  }
}

function makeFile(media: string, { kind, size, file, chat, link }: File): void {
  const path = join(media, repoFolder(kind), file);
  if (!existsSync(path)) {
    const handle = openSync(path, 'w');
    ftruncateSync(handle, Number(size));
    closeSync(handle);
  }
  mkdirSync(join(media, chat), { recursive: true });
  const at = join(media, chat, link);
  if (!existsSync(at)) linkSync(path, at);
}
