/** stored.ts: reads a message that is stored as its bytes, as an older version could not: without asking Telegram. */
import type { MessageRow } from '../../db/messages.js';
import { messageRow } from '../map/message.js';
import { Api } from '../wire/gramjs.js';
import { isCut, LenientReader } from '../wire/lenient-reader.js';

/** undefined: this version cannot read it either. */
export function messageFromBytes(bytes: Buffer, selfId: bigint): MessageRow | undefined {
  const message = new LenientReader(bytes).tgReadObject() as unknown;
  if (isCut(message) || !(message instanceof Api.Message || message instanceof Api.MessageService)) return undefined;
  return messageRow(message, selfId, new Date());
}
