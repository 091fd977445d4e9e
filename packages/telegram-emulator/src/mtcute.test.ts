/** Stock mtcute logs in, reads everything in both directions, gets updates and downloads from every data centre. */
import { createHash } from 'node:crypto';
import type { Message, TelegramClient } from '@mtcute/node';
import { afterEach, expect, test } from 'vitest';
import { mtcute } from './mtcute-client.js';
import { type Emulator, startEmulator } from './server.js';
import { generateWorld } from './world/generate/generate-world.js';
import { World } from './world/world.js';

const PHONE = '+10000000001';
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(world: World, options: { usePfs?: boolean } = {}): Promise<[Emulator, TelegramClient]> {
  const emulator = await startEmulator({ world, log: (line) => console.log(line) });
  closing.push(() => emulator.close());
  const client = await mtcute(emulator, options);
  closing.push(() => client.destroy());
  return [emulator, client];
}

function expectNoComplaints(emulator: Emulator): void {
  const { unknownMethods, encodeErrors, sessionRuleViolations } = emulator.counters();
  expect({ unknownMethods, encodeErrors, sessionRuleViolations }).toEqual({
    unknownMethods: {},
    encodeErrors: {},
    sessionRuleViolations: 0,
  });
}

test.each([
  { homeDc: 2, password: undefined, usePfs: false },
  { homeDc: 4, password: 'correct horse ✓', usePfs: false },
  { homeDc: 4, password: 'correct horse ✓', usePfs: true },
])('it logs in: home $homeDc, password $password, temporary keys $usePfs', async ({ homeDc, password, usePfs }) => {
  const [emulator, client] = await start(new World({ homeDc, ...(password !== undefined && { password }) }), {
    usePfs,
  });
  const passwords = ['wrong', password!];
  const me = await client.start({
    phone: PHONE,
    code: () => '12345',
    password: () => passwords.shift()!,
    invalidCodeCallback: () => {},
    codeSentCallback: () => {},
  });
  expect(BigInt(me.id)).toBe(emulator.world.account.userId);
  expect((await client.getMe()).firstName).toBe('Robin');
  expectNoComplaints(emulator);
});

async function logIn(client: TelegramClient): Promise<void> {
  await client.start({ phone: PHONE, code: () => '12345', codeSentCallback: () => {} });
}

async function everything(list: AsyncIterable<Message>): Promise<{ id: number; text: string; action: boolean }[]> {
  const found = [];
  for await (const { id, text, raw } of list) found.push({ id, text, action: raw._ === 'messageService' });
  return found;
}

test('it lists every chat, and reads every history in both directions', async () => {
  const world = generateWorld({ seed: 'mtcute', messages: 2500, chats: 20, newer: true });
  const { chats, messages } = await world.inventory();
  const [emulator, client] = await start(world);
  await logIn(client);
  const listed: bigint[] = [];
  for await (const { peer } of client.iterDialogs({ archived: 'keep' })) listed.push(BigInt(peer.id));
  expect(listed.toSorted()).toEqual(chats.map((it) => it.id).toSorted());
  for (const chat of chats.filter((it) => it.readable)) {
    const expected = messages
      .filter((it) => it.chatId === chat.id)
      // Its TextDecoder swallows a byte order mark.
      .map(({ id, text, service }) => ({ id, text: text.replace(/^\ufeff/, ''), action: service }))
      .toSorted((a, b) => a.id - b.id);
    const backward = await everything(client.iterHistory(Number(chat.id)));
    expect(backward.toReversed()).toEqual(expected);
    expect(await everything(client.iterHistory(Number(chat.id), { reverse: true }))).toEqual(expected);
  }
  expectNoComplaints(emulator);
}, 20_000);

test('it downloads from every data centre', async () => {
  const world = new World();
  const cats = world.addChannel({ title: 'cats' });
  for (const dc of [1, 2, 3, 4]) {
    cats.addMessage({ document: world.addDocument({ dc, size: 1_500_000 + dc, name: `cat ${dc}.bin` }) });
    cats.addMessage({ photo: world.addPhoto({ dc, size: 200_000 + dc }) });
  }
  const { files } = await world.inventory();
  const [emulator, client] = await start(world);
  await logIn(client);
  let chat: number | undefined;
  for await (const { peer } of client.iterDialogs()) chat = peer.id;
  const hashes: string[] = [];
  for await (const { media } of client.iterHistory(chat!, { reverse: true })) {
    if (media?.type !== 'document' && media?.type !== 'photo') throw new Error(`no file but ${media?.type}`);
    const bytes = await client.downloadAsBuffer(media);
    hashes.push(createHash('sha256').update(bytes).digest('hex'));
  }
  expect(hashes).toEqual(files.map((it) => it.sha256));
  expectNoComplaints(emulator);
}, 60_000);

test('it gets updates for a private message, a post, an edit and a deletion', async () => {
  const world = new World();
  const cats = world.addChannel({ title: 'cats' });
  const alice = world.addUser({ title: 'Alice' });
  cats.addMessages(3);
  alice.addMessages(3);
  const [emulator, client] = await start(world);
  await logIn(client);
  await client.startUpdatesLoop();
  const received: string[] = [];
  const four = new Promise<void>((resolve) => {
    const record = (what: string): void => void (received.push(what) === 4 && resolve());
    client.onNewMessage.add((it) => record(`new ${it.chat.displayName}: ${it.text}`));
    client.onEditMessage.add((it) => record(`edit ${it.chat.displayName}: ${it.text}`));
    client.onDeleteMessage.add((it) => record(`delete ${it.messageIds.join()} in ${it.channelId}`));
  });
  alice.addMessage({ text: 'hello' });
  const { id } = cats.addMessage({ text: 'meow' });
  cats.editMessage(id, { text: 'MEOW' });
  cats.deleteMessage(id);
  await four;
  expect(received.toSorted()).toEqual([
    'delete 4 in -1001500000001',
    'edit cats: MEOW',
    'new Alice: hello',
    'new cats: meow',
  ]);
  expectNoComplaints(emulator);
});
