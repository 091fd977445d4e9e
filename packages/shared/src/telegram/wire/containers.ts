/**
 * containers.ts: messages that the server sends together (msg_container, core.telegram.org/mtproto/service_messages#containers). GramJS
 * reads one after the other and stops at the first error. But each message declares its length: here each is read and handled by
 * itself, so that an error, or an update of a newer layer, does not affect the others.
 */
import { MessageContainer, TLMessage, type BinaryReader } from './gramjs.js';
import { LenientReader } from './lenient-reader.js';

/** The most messages that a container may hold. */
const most = 1024;

async function readContainer(reader: BinaryReader): Promise<MessageContainer> {
  const count = reader.readInt();
  if (count < 0 || count > most) throw new RangeError(`invalid container of ${count} messages`);
  const messages: TLMessage[] = [];
  for (let index = 0; index < count; index++) {
    const id = reader.readLong();
    const seqNo = reader.readInt();
    const inner = new LenientReader(reader.read(reader.readInt()));
    messages.push(new TLMessage(id, seqNo, inner.tgReadObject()));
  }
  return new MessageContainer(messages);
}

MessageContainer.fromReader = readContainer;

/** Handles each message of a container, even if others fail; then throws the first error, if any. */
export async function handleEach<T>(messages: readonly T[], handle: (message: T) => Promise<void>): Promise<void> {
  const errors: unknown[] = [];
  for (const message of messages) await handle(message).catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}
