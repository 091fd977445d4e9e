/** mtcute-media.ts: stock mtcute downloads every file of the chat to disk by `downloadToFile`. */
import { join } from 'node:path';
import { openMtcute } from './mtcute-session.js';
import { inLanes, onePerDataCentre, ready, readTask } from './task.js';

const task = readTask();
const { client, chat } = await openMtcute(task);
async function* documents() {
  for await (const { id, media } of client.iterHistory(chat)) if (media?.type === 'document') yield { id, media };
}
type Found = ReturnType<typeof documents> extends AsyncGenerator<infer T> ? T : never;
const files: Found[] = [];
for await (const it of documents()) files.push(it);
for (const { media } of onePerDataCentre(files, (it) => it.media.dcId, task.telegram.server.dc))
  await client.downloadAsBuffer(media);
const folder = await ready();
const how = task.tuned ? { partSize: 512 } : {};
await inLanes(files, task.inFlight, ({ id, media }) => client.downloadToFile(join(folder, `${id}`), media, how));
process.send!('done');
