/** stored.ts: reads a message from the bytes that an older version stored because it could not read them, without asking Telegram. */
import type { MessageRow } from '../../db/messages.js';
import { messageRow } from '../map/message.js';
import { Api } from '../wire/gramjs.js';
import { isCut, LenientReader } from '../wire/lenient-reader.js';

/** undefined if this version cannot read it either. */
export function messageFromBytes(bytes: Buffer, selfId: bigint): MessageRow | undefined {
  const message = new LenientReader(bytes).tgReadObject() as unknown;
  if (isCut(message) || !(message instanceof Api.Message || message instanceof Api.MessageService)) return undefined;
  return messageRow(message, selfId, new Date());
}
