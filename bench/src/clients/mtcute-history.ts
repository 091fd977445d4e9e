/** mtcute-history.ts: stock mtcute reads the history by `iterHistory`, Prisma stores it. */
import { openTable, type PlainMessage } from './insert.js';
import { openMtcute } from './mtcute-session.js';
import { ready, readTask } from './task.js';

const layer = 198;
const task = readTask();
const { client, chat } = await openMtcute(task);

async function* messages(): AsyncGenerator<PlainMessage> {
  for await (const it of client.iterHistory(chat)) {
    yield {
      chatId: BigInt(task.telegram.chat),
      id: BigInt(it.id),
      senderId: BigInt(it.sender.id),
      date: it.date,
      editDate: it.editDate,
      message: it.text,
      replyToMsgId: it.replyToMessage?.id ? BigInt(it.replyToMessage.id) : null,
      views: it.views,
      forwards: it.forwards,
      raw: it.raw,
      rawLayer: layer,
    };
  }
}

const insertAll = await openTable(task.databaseUrl!);
await ready();
await insertAll(messages());
process.send!('done');
