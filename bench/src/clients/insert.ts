/** insert.ts: messages into Postgres as a script would put them there: by Prisma's `createMany`, so many at once, nothing else. */
import { openDb } from '@tgsync/shared/db';
import { bare } from '@tgsync/shared/db/bare';

/** A message as both libraries can give it. */
export interface PlainMessage {
  chatId: bigint;
  id: bigint;
  senderId: bigint | null;
  date: Date;
  editDate: Date | null;
  message: string;
  replyToMsgId: bigint | null;
  views: number | null;
  forwards: number | null;
  /** The library's own object. */
  raw: unknown;
  rawLayer: number;
}

const batch = 1000;

/** Opens tgsync's table of messages, Prisma's query compiler included; the result inserts a stream and resolves when all is stored. */
export async function openTable(
  databaseUrl: string,
): Promise<(messages: AsyncIterable<PlainMessage>) => Promise<void>> {
  const db = bare(await openDb(databaseUrl));
  await db.message.count();
  return async (messages) => {
    let rows: PlainMessage[] = [];
    const flush = async () => {
      await db.message.createMany({ data: rows.map((it) => ({ ...it, raw: JSON.parse(JSON.stringify(it.raw)) })) });
      rows = [];
    };
    for await (const it of messages) if (rows.push(it) === batch) await flush();
    if (rows.length > 0) await flush();
  };
}

export const dateOf = (seconds: number): Date => new Date(seconds * 1000);
