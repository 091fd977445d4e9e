/** large.test.ts: a file of more than 2 GiB, only with `npm run test:large`. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { test } from '@tgsync/testing';
import { expect } from 'vitest';

test('a file of more than 2 GiB is complete, even if its worker is killed on the way', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const chat = world.addChannel({ title: 'Films' });
  const size = 2 ** 31 + 12_345;
  const film = world.addDocument({ dc: 4, size, name: 'film.mkv', mimeType: 'video/x-matroska' });
  chat.addMessage({ text: 'film', document: film });
  archive.configure({ [chat.id.toString()]: {} });
  fleet.start('fetch-worker');
  let worker = fleet.start('media-worker');
  const scheduler = fleet.start('scheduler', '--once');
  await new Promise<void>((resolve) => {
    let parts = 0;
    const off = telegram.onCall(({ method }) => {
      if (method !== 'upload.getFile' || ++parts < 1000) return;
      off();
      resolve();
    });
  });
  await fleet.kill(worker);
  worker = fleet.start('media-worker');
  expect(await fleet.exit(scheduler), fleet.troubles()).toBe(0);
  await fleet.kill(worker, 'SIGTERM');

  const row = await db.document.findUniqueOrThrow({ where: { id: film.id } });
  const hash = createHash('sha256');
  const path = join(archive.env.media, 'documents-by-id', row.fileName!);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  const [expected] = (await world.inventory()).files;
  expect({ size: row.size, sha256: hash.digest('hex') }).toEqual({ size: BigInt(size), sha256: expected!.sha256 });
  // Parts on disk were not downloaded again: 4,097 parts, plus at most two flushes' worth in flight.
  expect(telegram.counters().calls['upload.getFile']).toBeLessThanOrEqual(4097 + 64);
});
