/** A listener that hears nothing is told apart from one to whom nothing is said. */
import { randomUUID } from 'node:crypto';
import { createLogger } from '@tgsync/shared/app';
import { loadConfig } from '@tgsync/shared/config';
import { livenessOf, recordAccountState, rememberChats } from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { Account, Applier, getUpdatesState } from '@tgsync/shared/telegram';
import type { Chat, World } from '@tgsync/telegram-emulator';
import { type Archive, patience, test } from '@tgsync/testing';
import { describe, expect, test as pure, vi } from 'vitest';
import { Silence } from './silence.js';

describe('silence', () => {
  const nothing = -Infinity;

  pure('is asked about every so often, and ends with the next update', () => {
    const silence = new Silence(100, 0);
    expect(silence.look(99, nothing)).toEqual({ isDue: false, isDeaf: false });
    expect(silence.look(100, nothing)).toEqual({ isDue: true, isDeaf: false });
    expect(silence.look(199, nothing)).toEqual({ isDue: false, isDeaf: false });
    expect(silence.look(200, nothing)).toEqual({ isDue: true, isDeaf: false });
    silence.heard(250);
    expect(silence.dueAt).toBe(350);
    expect(silence.look(300, nothing)).toEqual({ isDue: false, isDeaf: false });
  });

  pure('in which something was found says that nobody tells; what was found before it does not', () => {
    const silence = new Silence(100, 0);
    expect(silence.look(150, 50)).toMatchObject({ isDeaf: false });
    expect(silence.look(170, 160)).toMatchObject({ isDeaf: true });
    silence.heard(180);
    expect(silence.look(190, 160)).toMatchObject({ isDeaf: false });
    expect(silence.look(300, 160)).toMatchObject({ isDeaf: false });
  });

  pure('does not become deafness because Postgres takes long to store what was found', () => {
    const silence = new Silence(100, 0);
    silence.heard(50);
    expect(silence.look(500, 60)).toMatchObject({ isDeaf: false });
  });
});

/** Milliseconds that count as silence, where pushes are at fault and where the line is. */
const usedTo = { pushes: 300, lines: 5000 };

interface Parts {
  world: World;
  archive: Archive;
  db: BareDb;
}

interface Listening {
  /** Her messages are applied. */
  ann: Chat;
  /** What was said of silence. */
  reasons: (string | undefined)[];
  texts: () => Promise<(string | null)[]>;
}

async function listening({ world, archive, db }: Parts, silenceMs: number, use: (it: Listening) => Promise<void>) {
  const ann = world.addUser({ title: 'Ann' });
  ann.addMessage({ text: 'old' });
  archive.configure({});
  const log = createLogger('test', 'silent');
  const account = new Account({ config: loadConfig(archive.env), env: archive.env, db, log });
  await account.start();
  const reasons: (string | undefined)[] = [];
  const applier = new Applier({
    account,
    db,
    log,
    holder: randomUUID(),
    isOn: () => true,
    leaseTtl: () => 15,
    onMedia: () => {},
    onUnstorable: () => {},
    onSilence: (it) => reasons.push(it),
    silenceMs,
  });
  try {
    const accountId = account.selfId;
    await recordAccountState(db, { id: accountId, ...(await getUpdatesState(account)) });
    const facts = { id: ann.id, kind: 'user', title: 'Ann', username: null, accessHash: ann.accessHash } as const;
    await rememberChats(db, accountId, [facts]);
    await db.dialog.updateMany({ data: { wanted: true } });
    applier.start();
    await vi.waitUntil(async () => (await livenessOf(db))[0]?.live, patience);
    const texts = async () => (await db.message.findMany({ orderBy: { id: 'asc' } })).map((it) => it.message);
    await use({ ann, reasons, texts });
  } finally {
    await applier.close();
    await account.release();
  }
}

const pass = async (ms: number) => {
  const from = performance.now();
  await vi.waitUntil(() => performance.now() > from + ms, patience);
};

describe('a listener that hears nothing', () => {
  test('`last update` ages, the difference after so long a silence runs, the alert fires, and ends with an update', async ({
    world,
    telegram,
    archive,
    db,
  }) => {
    await listening({ world, archive, db }, usedTo.pushes, async ({ ann, reasons, texts }) => {
      // Stored only after what counts as a silence.
      await db.$transaction(async (tx) => {
        await tx.$executeRaw`LOCK TABLE message IN EXCLUSIVE MODE`;
        ann.addMessage({ text: 'heard' });
        await pass(2 * usedTo.pushes);
      });
      await vi.waitFor(async () => expect(await texts()).toEqual(['heard']), patience);
      const heardAt = async () => (await livenessOf(db))[0]?.heardAt;
      await vi.waitUntil(heardAt, patience);
      const last = await heardAt();

      // Silence in which nothing happens is asked about, and no reason for an alert.
      const asked = () => telegram.counters().calls['updates.getDifference'] ?? 0;
      const before = asked();
      await vi.waitUntil(() => asked() >= before + 2, patience);
      expect(reasons.filter((it) => it !== undefined)).toEqual([]);

      const deaf = telegram.pushes.fault({ kind: 'drop' });
      ann.addMessage({ text: 'missed' });
      await vi.waitFor(async () => expect(await texts()).toEqual(['heard', 'missed']), patience);
      await vi.waitUntil(() => reasons.at(-1)?.includes('pushes no updates'), patience);
      expect(await heardAt()).toEqual(last);
      deaf.remove();
      ann.addMessage({ text: 'heard again' });
      await vi.waitUntil(() => reasons.at(-1) === undefined, patience);
      await vi.waitUntil(async () => (await heardAt())! > last!, patience);
    });
  });

  test(
    'as its line was lost has missed something, which is no reason for an alert',
    { tags: 'thorough' },
    async ({ world, telegram, archive, db }) => {
      await listening({ world, archive, db }, usedTo.lines, async ({ ann, reasons, texts }) => {
        await pass(usedTo.lines + 1000);
        telegram.dropConnections();
        ann.addMessage({ text: 'meanwhile' });
        await vi.waitFor(async () => expect(await texts()).toEqual(['meanwhile']), patience);
        const looks = reasons.length;
        await vi.waitUntil(() => reasons.length > looks, patience);
        expect(reasons.filter((it) => it !== undefined)).toEqual([]);
      });
    },
  );
});
