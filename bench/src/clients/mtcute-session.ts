/** mtcute-session.ts: stock mtcute, logged in, having seen the benchmark's chat. */
import { mtcute } from '@tgsync/telegram-emulator/mtcute-client';
import type { Task } from './task.js';

type Client = Awaited<ReturnType<typeof mtcute>>;

/** mtcute asks for three parts at once on each connection. */
const tunedConnections = 4;

export async function openMtcute({ telegram, tuned }: Task): Promise<{ client: Client; chat: number }> {
  const connectionCount = (kind: string) => (kind === 'main' ? 0 : tunedConnections);
  const client = await mtcute(telegram, tuned ? { connectionCount } : {});
  await client.start({ phone: telegram.account.phone, code: () => telegram.account.code, codeSentCallback: () => {} });
  for await (const _ of client.iterDialogs()); // from now on it knows the chat's access hash
  return { client, chat: Number(telegram.chat) };
}
