/** Stock GramJS reads a generated world: every dialog once, every message, and files with the right hash. */
import { createHash, createPublicKey } from 'node:crypto';
import { Api, TelegramClient } from 'telegram';
import { _serverKeys } from 'telegram/crypto/RSA.js';
import { readBigIntFromBuffer } from 'telegram/Helpers.js';
import { Logger, LogLevel } from 'telegram/extensions/Logger.js';
import { ConnectionTCPFull } from 'telegram/network/index.js';
import { StringSession } from 'telegram/sessions/index.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmulator, type Emulator } from '../server.js';
import { generateWorld } from './generate/generate-world.js';
import type { Inventory, InventoryMessage } from './inventory.js';

const world = generateWorld({ seed: 'gramjs', messages: 2_500, chats: 110 });
// GramJS cannot make a Dialog for a chat without a newest message (gram-js/gramjs issue 785): these two are read separately below.
const [garden, nothing] = [world.chat('Secret Garden'), world.chat('Nothing Yet')];
garden.removed = false;
nothing.addMessage({ text: 'Something after all' });

let emulator: Emulator;
let client: TelegramClient;
let inventory: Inventory;
const dialogs = new Map<bigint, Api.TypeInputPeer>();

function trust(pem: string): void {
  const { n, e } = createPublicKey(pem).export({ format: 'jwk' });
  const [modulus, exponent] = [n ?? '', e ?? ''].map((it) => Buffer.from(it, 'base64url')) as [Buffer, Buffer];
  const tlBytes = (bytes: Buffer): Buffer => {
    const head =
      bytes.length < 254 ? Buffer.from([bytes.length]) : Buffer.from([254, bytes.length & 255, bytes.length >> 8, 0]);
    const padding = Buffer.alloc((4 - ((head.length + bytes.length) % 4)) % 4);
    return Buffer.concat([head, bytes, padding]);
  };
  const digest = createHash('sha1')
    .update(Buffer.concat([tlBytes(modulus), tlBytes(exponent)]))
    .digest();
  const fingerprint = String(digest.readBigInt64LE(12));
  _serverKeys.set(fingerprint, { n: readBigIntFromBuffer(modulus, false), e: exponent.readUIntBE(0, exponent.length) });
}

beforeAll(async () => {
  inventory = await world.inventory();
  emulator = await startEmulator({ world });
  trust(emulator.server.public_key);
  const { addresses } = emulator;
  /** GramJS stores no ports, so the data centre decides. */
  class ToEmulator extends ConnectionTCPFull {
    constructor(options: ConstructorParameters<typeof ConnectionTCPFull>[0]) {
      const there = addresses.find((it) => it.dc === options.dcId && !it.mediaOnly);
      super({ ...options, ip: there?.host ?? '', port: there?.port ?? 0 });
    }
  }
  const session = new StringSession('');
  session.setDC(emulator.server.dc, emulator.server.host, 443);
  client = new TelegramClient(session, 1, 'hash', {
    connection: ToEmulator,
    baseLogger: new Logger(LogLevel.NONE),
    securityChecks: true,
  });
  const { phone, code } = world.account;
  await client.start({
    phoneNumber: () => Promise.resolve(phone),
    phoneCode: () => Promise.resolve(code),
    onError: (error) => {
      throw error;
    },
  });
}, 60_000);

afterAll(async () => {
  await client.destroy();
  await emulator.close();
});

test('iterDialogs lists every chat once', async () => {
  const found: bigint[] = [];
  for await (const { id, inputEntity } of client.iterDialogs({})) {
    found.push(BigInt(String(id)));
    dialogs.set(BigInt(String(id)), inputEntity);
  }
  expect(found.toSorted()).toEqual(inventory.chats.map((it) => it.id).toSorted());
});

/** GramJS's view of a message, in the inventory's field names. */
function read(message: Api.Message): Partial<Record<keyof InventoryMessage, unknown>> {
  const { action } = message as unknown as { action?: { className: string } };
  const reply = message.replyTo instanceof Api.MessageReplyHeader ? message.replyTo : undefined;
  return {
    id: message.id,
    date: message.date,
    service: action !== undefined,
    action: action && `m${action.className.slice(1)}`,
    text: action ? '' : message.message,
    editDate: message.editDate ?? undefined,
    senderId: BigInt(String(message.senderId)),
    groupedId: message.groupedId ? BigInt(String(message.groupedId)) : undefined,
    replyToMsgId: reply?.replyToMsgId ?? undefined,
    fwdFromDate: message.fwdFrom?.date ?? undefined,
  };
}

test('iterMessages yields exactly the messages of the inventory', async () => {
  const names = new Map(inventory.files.filter((it) => it.kind === 'document').map((it) => [String(it.id), it.name]));
  for (const chat of inventory.chats) {
    const expected = inventory.messages.filter((it) => it.chatId === chat.id).toReversed();
    const found: unknown[] = [];
    for await (const message of client.iterMessages(dialogs.get(chat.id), {})) {
      if (message instanceof Api.MessageEmpty) continue;
      found.push(read(message));
      const { document } = message;
      const named = document?.attributes.find((it) => it instanceof Api.DocumentAttributeFilename);
      if (document && names.has(String(document.id))) expect(named?.fileName).toBe(names.get(String(document.id)));
    }
    const wanted = expected.map((it) => {
      const { id, date, service, action, text, editDate, senderId, groupedId, replyToMsgId, fwdFromDate } = it;
      return { id, date, service, action, text, editDate, senderId, groupedId, replyToMsgId, fwdFromDate };
    });
    expect(found, chat.title).toEqual(wanted);
  }
}, 60_000);

test('downloadMedia returns the bytes of the inventory, from each data centre', async () => {
  const withVideo = new Set([...world.photos.values()].filter((it) => it.videoSizes.length).map((it) => it.id));
  // Stock GramJS takes the video of an animated photo for its largest size, and no media of games and actions.
  const plain = inventory.files.filter((it) => it.size > 0 && it.size <= 3_200_000 && !withVideo.has(it.id));
  const sample = [1, 2, 3, 4].flatMap((dc) =>
    (['photo', 'document'] as const).flatMap((kind) =>
      plain.filter((it) => it.dc === dc && it.kind === kind).slice(0, 5),
    ),
  );
  sample.push(...plain.filter((it) => it.size > 1_000_000));
  let checked = 0;
  for (const file of sample) {
    for (const { chatId, msgId } of file.messages.slice(0, 1)) {
      const [message] = await client.getMessages(dialogs.get(chatId), { ids: [msgId] });
      const own = file.kind === 'photo' ? message?.photo : message?.document;
      if (String((own as Api.Photo | undefined)?.id) !== String(file.id)) continue;
      const bytes = (await client.downloadMedia(own as unknown as Api.TypeMessageMedia)) as Buffer;
      expect(bytes.length).toBe(file.size);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256);
      checked += 1;
    }
  }
  expect(checked).toBeGreaterThan(30);
}, 120_000);

test('the server lists a channel that removed the account, and one without messages', async () => {
  garden.removed = true;
  const { id } = nothing.store.at(0);
  nothing.deleteMessage(id);
  const peers = [garden, nothing].map(
    (it) => new Api.InputDialogPeer({ peer: dialogs.get(it.id) ?? new Api.InputPeerEmpty() }),
  );
  const answer = await client.invoke(new Api.messages.GetPeerDialogs({ peers }));
  expect(answer.chats.map((it) => it.className)).toEqual(['ChannelForbidden', 'Channel']);
  expect(answer.messages).toEqual([]);
  const { unknownMethods, encodeErrors } = emulator.counters();
  expect({ unknownMethods, encodeErrors }).toEqual({ unknownMethods: {}, encodeErrors: {} });
});
