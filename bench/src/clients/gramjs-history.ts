/** gramjs-history.ts: stock GramJS reads the history by `iterMessages`, Prisma stores it. */
import { openGramJs } from './gramjs-session.js';
import { dateOf, openTable, type PlainMessage } from './insert.js';
import { ready, readTask } from './task.js';

const layer = 198;
const task = readTask();
const { client, chat } = await openGramJs(task);

async function* messages(): AsyncGenerator<PlainMessage> {
  for await (const it of client.iterMessages(chat, {})) {
    yield {
      chatId: BigInt(task.telegram.chat),
      id: BigInt(it.id),
      senderId: it.senderId ? BigInt(it.senderId.toString()) : null,
      date: dateOf(it.date),
      editDate: it.editDate ? dateOf(it.editDate) : null,
      message: it.message,
      replyToMsgId: it.replyTo && 'replyToMsgId' in it.replyTo ? BigInt(it.replyTo.replyToMsgId ?? 0) : null,
      views: it.views ?? null,
      forwards: it.forwards ?? null,
      raw: it.originalArgs,
      rawLayer: layer,
    };
  }
}

const insertAll = await openTable(task.databaseUrl!);
await ready();
await insertAll(messages());
process.send!('done');
