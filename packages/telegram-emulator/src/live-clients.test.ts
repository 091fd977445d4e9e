/** Stock clients that only listen end with the same messages as the world's record, whatever happens to single pushes. */
import type { TelegramClient } from '@mtcute/node';
import { Api } from 'telegram';
import { afterEach, expect, test } from 'vitest';
import { gramJs, logIn } from './gramjs-client.js';
import { mtcute } from './mtcute-client.js';
import { type Emulator, startEmulator } from './server.js';
import { RANDOM_KINDS, randomEvent, type RandomKind } from './world/live/index.js';
import { Random } from './world/random.js';
import { World } from './world/world.js';

const PHONE = '+10000000001';
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A second passes with each event, so that edit dates tell which of two versions is newer. */
const clock = { now: 1_770_000_000 };

function makeWorld(): World {
  const world = new World({ now: () => clock.now });
  for (const title of ['Alice', 'Bob']) world.addUser({ title });
  world.addChannel({ title: 'cats', username: 'cats' });
  world.addSupergroup({ title: 'talk' });
  world.addSupergroup({ title: 'forum', forum: true });
  world.addGroup({ title: 'group' });
  return world;
}

async function start(world: World): Promise<Emulator> {
  const emulator = await startEmulator({ world, log: (line) => console.log(line) });
  closing.push(() => emulator.close());
  return emulator;
}

/** Private chats and basic groups share their ids, and a deletion there names no chat. */
const COMMON = 'common';

/**
 * What a client knows: the text of every message, by chat and id. A client may report what it got from a difference after
 * a push that came later, so an older version never replaces a newer one, and what was deleted stays so.
 */
class Heard {
  readonly #texts = new Map<string, { readonly text: string; readonly edited: number }>();
  readonly #deleted = new Set<string>();
  #awaited: (() => void) | undefined;

  put(chat: unknown, id: number, text = '', edited = 0): void {
    const key = `${String(chat)} ${id}`;
    if (this.#deleted.has(key) || (this.#texts.get(key)?.edited ?? 0) > edited) return;
    this.#texts.set(key, { text, edited });
    this.#awaited?.();
  }

  delete(chat: unknown, ids: readonly number[]): void {
    for (const key of ids.map((id) => `${String(chat)} ${id}`)) {
      this.#deleted.add(key);
      this.#texts.delete(key);
    }
    this.#awaited?.();
  }

  /** Resolves once it knows exactly this. */
  async knows(expected: readonly string[]): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#awaited = () => JSON.stringify(this.list()) === JSON.stringify(expected) && resolve();
      this.#awaited();
    });
  }

  list(): string[] {
    return [...this.#texts].map(([key, { text }]) => `${key} ${text}`).toSorted();
  }
}

/** The same by the world's record. */
function expected(world: World): string[] {
  const present = [...world.record.messages()].filter((it) => !it.deleted);
  const nameOf = (id: bigint): unknown => (world.chat(id).ownSequence ? world.chat(id).bareId : COMMON);
  return present.map((it) => `${String(nameOf(it.chatId))} ${it.id} ${it.versions.at(-1)!.text}`).toSorted();
}

/** A message for each chat, so that a client has a pts of every channel. */
function greet(world: World): void {
  for (const chat of world.chats) if (!chat.user?.self) chat.addMessage({ text: 'hello', date: world.now() });
}

function happen(world: World, random: Random, kinds: readonly RandomKind[]): void {
  clock.now += 1;
  randomEvent(world, random, kinds);
}

function listen(client: TelegramClient): Heard {
  const heard = new Heard();
  client.onRawUpdate.add(({ update }) => {
    switch (update._) {
      case 'updateNewMessage':
      case 'updateEditMessage':
      case 'updateNewChannelMessage':
      case 'updateEditChannelMessage': {
        const { message } = update;
        if (message._ === 'messageEmpty') return;
        const { peerId } = message;
        const chat = peerId._ === 'peerChannel' ? peerId.channelId : COMMON;
        if (message._ === 'message') heard.put(chat, message.id, message.message, message.editDate);
        else heard.put(chat, message.id);
        return;
      }
      case 'updateDeleteMessages':
        heard.delete(COMMON, update.messages);
        return;
      case 'updateDeleteChannelMessages':
        heard.delete(update.channelId, update.messages);
    }
  });
  return heard;
}

test.each(['one', 'two', 'three'])(
  'mtcute, with pushes lost, late, repeated and swapped, seed %s',
  async (seed) => {
    const world = makeWorld();
    const emulator = await start(world);
    const client = await mtcute(emulator);
    closing.push(() => client.destroy());
    await client.start({ phone: PHONE, code: () => '12345', codeSentCallback: () => {} });
    const heard = listen(client);
    await client.startUpdatesLoop();
    greet(world);
    await heard.knows(expected(world));
    const { pushes } = emulator;
    const faults = [
      pushes.fault({ kind: 'drop', chance: 0.05, seed: `${seed} drop` }),
      pushes.fault({ kind: 'swap', chance: 0.1, seed: `${seed} swap` }),
      pushes.fault({ kind: 'twice', chance: 0.1, seed: `${seed} twice` }),
      pushes.fault({ kind: 'delay', ms: 30, chance: 0.1, seed: `${seed} delay` }),
    ];
    const random = new Random(seed);
    // mtcute takes over the first pts that it hears of a new channel, and accepts gaps in one that it once could not read.
    const kinds = RANDOM_KINDS.filter((it) => it !== 'migrate' && it !== 'membership');
    const forms = [{}, { short: true }, { combine: 3 }];
    for (let index = 0; index < 300; index++) {
      const end = pushes.form(forms[random.int(forms.length)]!);
      for (let events = random.int(5); events >= 0; events--) happen(world, random, kinds);
      end();
      if (index % 60 === 59) pushes.newSession();
      if (index % 20 === 19) await client.getMe(); // so that pushes and answers mix
    }
    for (const it of faults) it.remove();
    for (const chat of world.chats) if (chat.ownSequence) pushes.channelTooLong(chat);
    pushes.tooLong();
    await heard.knows(expected(world));
    // It hears the second of these only after every difference that it asked for, none of which survives its end.
    for (const text of ['the end', 'really']) {
      world.chat('Alice').addMessage({ text, date: world.now() });
      await heard.knows(expected(world));
    }
    expect(emulator.counters().calls).toHaveProperty(['updates.getDifference']);
    expect(emulator.counters()).toMatchObject({ unknownMethods: {}, encodeErrors: {}, sessionRuleViolations: 0 });
  },
  60_000,
);

test('stock GramJS hears everything that is pushed to it, and reads the same afterwards', async () => {
  const world = makeWorld();
  const emulator = await start(world);
  const client = await gramJs(emulator);
  closing.push(() => client.destroy());
  await logIn(client, PHONE, ['12345']);
  const heard = new Heard();
  client.addEventHandler((update: Api.TypeUpdate) => {
    if (update instanceof Api.UpdateDeleteMessages) heard.delete(COMMON, update.messages);
    else if (update instanceof Api.UpdateDeleteChannelMessages) heard.delete(update.channelId, update.messages);
    else if (
      'message' in update &&
      (update.message instanceof Api.Message || update.message instanceof Api.MessageService)
    ) {
      const { id, peerId, message, editDate } = update.message as Api.Message;
      heard.put(peerId instanceof Api.PeerChannel ? peerId.channelId : COMMON, id, message, editDate);
    }
  });
  greet(world);
  const random = new Random('gramjs');
  const kinds = RANDOM_KINDS.filter((it) => it !== 'membership');
  for (let events = 0; events < 500; events++) happen(world, random, kinds);
  await heard.knows(expected(world));
  const dialogs = await client.getDialogs();
  const read: string[] = [];
  for (const { inputEntity } of dialogs) {
    for (const { id, peerId, message } of await client.getMessages(inputEntity, { limit: 1000 })) {
      const chat = peerId instanceof Api.PeerChannel ? peerId.channelId : COMMON;
      read.push(`${String(chat)} ${id} ${message ?? ''}`);
    }
  }
  expect(read.toSorted()).toEqual(expected(world));
  expect(emulator.counters()).toMatchObject({ unknownMethods: {}, encodeErrors: {}, sessionRuleViolations: 0 });
}, 60_000);
