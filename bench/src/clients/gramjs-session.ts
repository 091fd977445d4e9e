/** gramjs-session.ts: stock GramJS, logged in, with the benchmark's chat. */
import { gramJs, logIn } from '@tgsync/telegram-emulator/gramjs-client';
import type { Task } from './task.js';

type Client = Awaited<ReturnType<typeof gramJs>>;
type Entity = Awaited<ReturnType<Client['getInputEntity']>>;

export async function openGramJs({ telegram }: Task): Promise<{ client: Client; chat: Entity }> {
  const client = await gramJs(telegram);
  const errors = await logIn(client, telegram.account.phone, [telegram.account.code]);
  if (errors.length > 0) throw new Error(errors.join(', '));
  await client.getDialogs(); // from now on it knows the chat's access hash
  return { client, chat: await client.getInputEntity(telegram.chat) };
}
