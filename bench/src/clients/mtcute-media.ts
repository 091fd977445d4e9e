/** mtcute-media.ts: stock mtcute downloads every file of the chat to disk by `downloadToFile`. */
import { join } from 'node:path';
import { openMtcute } from './mtcute-session.js';
import { inLanes, ready, readTask } from './task.js';

const task = readTask();
const { client, chat } = await openMtcute(task);
const files: { id: number; media: Parameters<typeof client.downloadToFile>[1] }[] = [];
for await (const { id, media } of client.iterHistory(chat)) if (media?.type === 'document') files.push({ id, media });
const folder = await ready();
const how = task.tuned ? { partSize: 512 } : {};
await inLanes(files, task.inFlight, ({ id, media }) => client.downloadToFile(join(folder, `${id}`), media, how));
process.send!('done');
