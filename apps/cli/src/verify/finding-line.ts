/** finding-line.ts: a finding as a line for a person. Pure. */
import type { Finding } from '@tgsync/integrity';

export function asLine({ path, media, chatId, messageId, detail }: Finding): string {
  const where =
    path ??
    (media ? `${media.kind} ${media.id}` : undefined) ??
    [chatId === undefined ? '' : `chat ${chatId}`, messageId === undefined ? '' : `message ${messageId}`]
      .join(' ')
      .trim();
  return [where, detail].filter(Boolean).join(': ');
}
