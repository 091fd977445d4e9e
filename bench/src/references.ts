/**
 * references.ts: how many calls does renewing a backlog of expired file references take? Runs a real scheduler and fetch worker; nothing
 * is downloaded: references are marked as refused in the order in which media workers would use them, twenty at a time.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { archiveId, closeDb, findMedia, openDb, refuseReference } from '@tgsync/shared/db';
import { bare } from '@tgsync/shared/db/bare';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { openQueues } from '@tgsync/shared/jobs';
import { startEmulator, World } from '@tgsync/telegram-emulator';
import { makeArchive } from '@tgsync/testing/archive';
import { Fleet } from '@tgsync/testing/fleet';

const { values } = parseArgs({
  options: { media: { type: 'string', default: '100000' }, chats: { type: 'string', default: '1' } },
});
const [media, chats] = [Number(values.media), Number(values.chats)];
const each = Math.ceil(media / chats);

const folder = mkdtempSync(join(tmpdir(), 'tgsync-bench-'));
chmodSync(folder, 0o755);
const postgres = await openEmbeddedPostgres(join(folder, 'postgres'));
const world = new World();
const wanted = Array.from({ length: chats }, (_, index) => world.addChannel({ title: `Channel ${index}` }));
for (const chat of wanted)
  for (let index = 0; index < each; index++) chat.addMessage({ text: 'photo', photo: world.addPhoto({ size: 2000 }) });
const telegram = await startEmulator({ world });
const archive = makeArchive(postgres.url, telegram);
archive.configure(Object.fromEntries(wanted.map((it) => [it.id.toString(), {}])), { tg: { message_limit: 1000 } });
await archive.logIn();
const fleet = new Fleet(archive.env);
try {
  const db = bare(await openDb(postgres.url, { migrate: true }));
  fleet.start('fetch-worker');
  fleet.start('scheduler');
  while ((await db.message.count()) < each * chats) await sleep(500);
  console.log(`${each * chats} photos in ${chats} channels`);

  world.expireFileReferences();
  const [{ now }] = await db.$queryRaw<[{ now: Date }]>`SELECT now() AS now`;
  telegram.resetCounters();
  const queues = await openQueues(
    { redisUrl: undefined, databaseUrl: postgres.url, archive: await archiveId(db) },
    () => {},
  );
  const began = performance.now();
  for (;;) {
    const next = await db.$queryRaw<{ chatId: bigint; id: bigint }[]>`
      SELECT chat_id AS "chatId", media_id AS id FROM message_media WHERE owed = 'file' AND reference_at < ${now} ORDER BY media_id LIMIT 20`;
    for (const { id } of next) await refuseReference(db, (await findMedia(db, { kind: 'photo', id }))!);
    await queues.enqueue(next.map(({ chatId }) => ({ name: 'refresh-references', payload: { chatId } })));
    if (next.length > 0) continue;
    if ((await db.mediaAccess.count({ where: { referenceAt: { lt: now } } })) === 0) break;
    await sleep(200);
  }
  const calls = telegram.counters().calls['channels.getMessages'] ?? 0;
  const least = chats * Math.ceil(each / 100);
  console.log(
    `${calls} calls, ${(calls / least).toFixed(3)} times the minimum (${least}), in ${((performance.now() - began) / 1000).toFixed(0)} s`,
  );
  await queues.close();
  await fleet.stop();
  await closeDb(db);
} finally {
  await telegram.close();
  archive.remove();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
