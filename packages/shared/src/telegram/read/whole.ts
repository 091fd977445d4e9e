/** whole.ts: which messages of a partly read answer are complete, and which one is not. Pure. */
import { Api } from '../wire/gramjs.js';
import { isCut, type Unread } from '../wire/lenient-reader.js';

export interface Cut {
  unread: Unread;
  /** The part of the message that was read. */
  message: Api.Message | Api.MessageService | undefined;
  /** Its id, if that was read. */
  id: bigint | undefined;
}

/** The complete messages, and as `cut` the one that could not be read, after which nothing is known; undefined if all are complete. */
export function wholeOf(
  messages: readonly Api.TypeMessage[],
  unread: Unread | undefined,
): { whole: Api.TypeMessage[]; cut: Cut | undefined } {
  if (!unread) return { whole: [...messages], cut: undefined };
  const at = messages.findIndex((it) => it === null || isCut(it));
  if (at < 0) return { whole: [...messages], cut: undefined };
  const found: unknown = messages[at];
  const message = found instanceof Api.Message || found instanceof Api.MessageService ? found : undefined;
  const id = typeof message?.id === 'number' ? BigInt(message.id) : undefined;
  return { whole: messages.slice(0, at), cut: { unread, message, id } };
}

/**
 * Splits the ids for new requests after an answer that became unreadable after the messages in `whole`: those, the one to blame, and
 * the rest.
 */
export function pieces(ids: readonly number[], whole: readonly number[], blamedId: bigint | undefined): number[][] {
  const blamed = blamedId === undefined ? undefined : Number(blamedId);
  const good = ids.filter((it) => whole.includes(it) && it !== blamed);
  const rest = ids.filter((it) => !good.includes(it) && it !== blamed);
  const half = Math.ceil(rest.length / 2);
  const isKnown = blamed !== undefined && ids.includes(blamed);
  const parts = isKnown ? [good, [blamed], rest] : [good, rest.slice(0, half), rest.slice(half)];
  if (good.length === ids.length) return [ids.slice(0, 1), ids.slice(1)]; // a message that was not requested is to blame: never repeat the same request
  return parts.filter((it) => it.length > 0);
}
