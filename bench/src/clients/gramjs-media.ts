/** gramjs-media.ts: stock GramJS downloads every file of the chat to disk by `downloadMedia`. */
import { join } from 'node:path';
import { openGramJs } from './gramjs-session.js';
import { inLanes, onePerDataCentre, ready, readTask } from './task.js';

const task = readTask();
const { client, chat } = await openGramJs(task);
const messages = [];
for await (const it of client.iterMessages(chat, {})) if (it.document) messages.push(it);
for (const it of onePerDataCentre(messages, (message) => message.document?.dcId, task.telegram.server.dc))
  await client.downloadMedia(it, {});
const folder = await ready();
await inLanes(messages, task.inFlight, (it) => client.downloadMedia(it, { outputFile: join(folder, `${it.id}`) }));
process.send!('done');
