/**
 * inventory.ts: what a client can read now, message by message and file by file: the yardstick for a complete archive.
 * It is derived from the world, not from answers, so an omission by the server shows.
 */
import { mediaOf } from './carried-media.js';
import type { Chat } from './chat.js';
import { decodeText, fileSha256, type DocumentFile, type Media } from './media-file.js';
import type { Message } from './message.js';
import { markedOf, type ChatKind } from './peers.js';
import type { TlObject } from '../tl/value.js';
import type { World } from './world.js';

/** A chat in the account's list. */
export interface InventoryChat {
  readonly id: bigint;
  readonly kind: ChatKind;
  readonly title: string;
  readonly username?: string;
  readonly readable: boolean;
  readonly messages: number;
}

/** A media of a message; ids are unique only within a kind. */
export interface InventoryMedia {
  readonly kind: 'photo' | 'document';
  readonly id: bigint;
}

/** A readable message. */
export interface InventoryMessage {
  readonly chatId: bigint;
  readonly id: number;
  readonly service: boolean;
  /** The constructor of a service message's action. */
  readonly action?: string;
  readonly date: number;
  readonly editDate?: number;
  /** Apps are not to show it as edited. */
  readonly editHide: boolean;
  /** Marked id: `from_id`; if absent, the other person in a private chat, or the channel itself in a channel. */
  readonly senderId?: bigint;
  readonly text: string;
  readonly groupedId?: bigint;
  readonly replyToMsgId?: number;
  readonly replyToChatId?: bigint;
  readonly fwdFromId?: bigint;
  readonly fwdFromName?: string;
  readonly fwdFromMsgId?: number;
  readonly fwdFromDate?: number;
  readonly media: readonly InventoryMedia[];
  /** Files that can be reached through the message but are not its own, so an archiver need not save them. */
  readonly nearby: readonly (InventoryMedia & { where: string })[];
}

/** A file carried by some readable message. */
export interface InventoryFile extends InventoryMedia {
  readonly dc: number;
  readonly size: number;
  readonly sha256: string;
  readonly mimeType?: string;
  readonly name?: string;
  readonly messages: readonly { chatId: bigint; msgId: number }[];
}

/** Everything that a client can read. */
export interface Inventory {
  readonly chats: readonly InventoryChat[];
  readonly messages: readonly InventoryMessage[];
  readonly files: readonly InventoryFile[];
}

const hashes = new WeakMap<Media, Promise<string>>();

function hashOf(media: Media): Promise<string> {
  let hash = hashes.get(media);
  if (!hash) hashes.set(media, (hash = fileSha256(media)));
  return hash;
}

/** One message as a client reads it. */
export function inventoryMessage(chat: Chat, message: Message): InventoryMessage {
  const reply = message.fields?.['reply_to'] as TlObject | undefined;
  const forward = message.fields?.['fwd_from'] as TlObject | undefined;
  const found = mediaOf(message);
  const own = new Map(found.filter((it) => it.carried).map((it) => [`${it.media.kind}/${it.media.id}`, it.media]));
  return {
    chatId: chat.id,
    id: message.id,
    service: message.action !== undefined,
    action: message.action?._,
    date: message.date,
    editDate: message.action ? undefined : (message.fields?.['edit_date'] as number | undefined),
    editHide: message.fields?.['edit_hide'] === true,
    senderId: message.from ?? chat.id,
    text: message.action ? '' : decodeText(message.text),
    groupedId: message.fields?.['grouped_id'] as bigint | undefined,
    replyToMsgId: reply?.['reply_to_msg_id'] as number | undefined,
    replyToChatId: markedOf(reply?.['reply_to_peer_id']),
    fwdFromId: markedOf(forward?.['from_id']),
    fwdFromName: forward?.['from_name'] as string | undefined,
    fwdFromMsgId: forward?.['channel_post'] as number | undefined,
    fwdFromDate: forward?.['date'] as number | undefined,
    media: [...own.values()].map(({ kind, id }) => ({ kind, id })),
    nearby: found.filter((it) => !it.carried).map(({ media, where }) => ({ kind: media.kind, id: media.id, where })),
  };
}

/** Yields every readable message, for worlds too large for a list. */
export function* readableMessages(world: World): Generator<{ chat: Chat; message: Message }> {
  for (const chat of world.chats) {
    if (!chat.listed || !chat.readable) continue;
    for (const message of chat.messages)
      if (!message.empty && message.id > chat.availableMinId) yield { chat, message };
  }
}

/** See {@link World.inventory}. */
export async function takeInventory(world: World): Promise<Inventory> {
  const messages: InventoryMessage[] = [];
  const counts = new Map<bigint, number>();
  const carriers = new Map<Media, { chatId: bigint; msgId: number }[]>();
  for (const { chat, message } of readableMessages(world)) {
    const entry = inventoryMessage(chat, message);
    messages.push(entry);
    counts.set(chat.id, (counts.get(chat.id) ?? 0) + 1);
    for (const { kind, id } of entry.media) {
      const media = (kind === 'photo' ? world.photos : world.documents).get(id);
      if (!media) throw new Error(`${kind} ${id} is not of this world`);
      const known = carriers.get(media);
      if (known) known.push({ chatId: chat.id, msgId: message.id });
      else carriers.set(media, [{ chatId: chat.id, msgId: message.id }]);
    }
  }
  const files: InventoryFile[] = [];
  for (const [media, list] of carriers) {
    const document: DocumentFile | undefined = media.kind === 'document' ? media : undefined;
    files.push({
      kind: media.kind,
      id: media.id,
      dc: media.dc,
      size: media.sizeOf(media.mainSize) ?? 0,
      sha256: await hashOf(media),
      mimeType: document?.mimeType,
      name: document?.name,
      messages: list,
    });
  }
  const chats = world.chats
    .filter((it) => it.listed)
    .map((it) => ({
      id: it.id,
      kind: it.kind,
      title: it.title,
      username: it.username,
      readable: it.readable,
      messages: counts.get(it.id) ?? 0,
    }));
  return { chats, messages, files };
}

/** The inventory with every bigint as a string, for JSON. */
export function inventoryToJson(inventory: Inventory): unknown {
  return JSON.parse(
    JSON.stringify(inventory, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  );
}
