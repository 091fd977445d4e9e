/** archive-rows.ts: what an archive's database contains, in a test's terms. */
import type { BareDb } from '@tgsync/shared/db/bare';

export interface StoredMessage {
  chatId: bigint;
  id: bigint;
  date: number | null;
  editDate: number | null;
  senderId: bigint | null;
  text: string | null;
  isService: boolean;
  groupedId: bigint | null;
  replyToMsgId: bigint | null;
  replyToChatId: bigint | null;
  fwdFromId: bigint | null;
  fwdFromName: string | null;
  fwdFromMsgId: bigint | null;
  fwdFromDate: number | null;
  media: string[];
  mapped: boolean;
}

const seconds = (date: Date | null) => (date ? date.getTime() / 1000 : null);

export async function readMessages(db: BareDb): Promise<StoredMessage[]> {
  const rows = await db.message.findMany();
  const media = new Map<string, string[]>();
  for (const it of await db.messageMedia.findMany()) {
    const key = `${it.chatId}/${it.messageId}`;
    media.set(key, [...(media.get(key) ?? []), `${it.kind} ${it.mediaId}`]);
  }
  return rows.map((it) => ({
    chatId: it.chatId,
    id: it.id,
    date: seconds(it.date),
    editDate: seconds(it.editDate),
    senderId: it.senderId,
    text: it.message,
    isService: it.action !== null,
    groupedId: it.groupedId,
    replyToMsgId: it.replyToMsgId,
    replyToChatId: it.replyToChatId,
    fwdFromId: it.fwdFromChatId ?? it.fwdFromSenderId,
    fwdFromName: it.fwdFromName,
    fwdFromMsgId: it.fwdFromMsgId,
    fwdFromDate: seconds(it.fwdFromDate),
    media: (media.get(`${it.chatId}/${it.id}`) ?? []).sort(),
    mapped: it.mapped,
  }));
}

/** A digest of every archived row, which a run with nothing to do must not change. */
export async function archiveRows(db: BareDb): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const table of ['message', 'message_media', 'photo', 'document', 'peer', 'coverage', 'archive']) {
    const [row] = await db.$queryRawUnsafe<{ digest: string }[]>(
      `SELECT count(*) || ' ' || coalesce(md5(string_agg(it::text || it.xmin::text, ',' ORDER BY it::text)), '') AS digest FROM ${table} it`,
    );
    digests[table] = row!.digest;
  }
  return digests;
}
