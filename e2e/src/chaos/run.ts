/**
 * run.ts: one chaos run, determined by its seed: while a world is archived, everything that can happen to a fleet happens. Then the
 * fleet is left alone, and its archive is compared with the world: nothing missing, nothing twice, no wrong byte, the login intact.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeDb, currentTroubles, openDb } from '@tgsync/shared/db';
import { bare, type BareDb } from '@tgsync/shared/db/bare';
import { type Emulator, type Message, pin, World } from '@tgsync/telegram-emulator';
import type { Archive } from '@tgsync/testing/archive';
import { tgsync } from '../command-line.js';
import type { LongRun } from '../long-runs.js';
import { differencesFromRecord } from '../recorded.js';
import { expectWhole } from '../whole.js';
import { act, everything, onlyProcesses, type ChaosScene } from './actions.js';
import { Crew } from './crew.js';
import { type Random, randomOf } from './random.js';
import { onStage, type Stage } from './stage.js';

export interface ChaosOptions extends Omit<LongRun, 'signal'> {
  messages: number;
  files: number;
  /** How many things happen. */
  actions: number;
  /** Only kills, pauses and restarts of processes. */
  onlyProcesses?: boolean;
  /** How long it may take to become complete once left alone, in milliseconds. */
  patienceMs: number;
  /** Ends the run early; everything it started is still cleaned up. */
  signal?: AbortSignal;
}

export interface ChaosReport {
  /** Media that used up their attempts, so that a person had to retry them. */
  failed: number;
  seconds: number;
}

/** Runs it. Throws if anything is missing, there twice, or wrong. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const random = randomOf(options.seed);
  const world = new World({ seed: `chaos ${options.seed}` });
  const live = fill(world, random, options);
  let failed = 0;
  const seconds = await onStage('chaos', world, options, async (stage) => {
    const { telegram, postgres, redis, archive, fleet, scope } = stage;
    const fillDisk = smallDisk(stage);
    await archive.logIn();
    configure(archive, world);
    const crew = scope.use(new Crew(fleet), (it) => it.wake());
    const scene: ChaosScene = {
      random,
      telegram,
      crew,
      postgres,
      redis,
      fillDisk,
      grow: () => live.grow(random.between(1, 20)),
      change: live.change,
      growNewer: live.growNewer,
    };
    await chaos(scene, options);
    telegram.faults.clear();
    crew.calm();
    failed = await untilWhole({ archive, telegram, crew }, options);
  });
  return { failed, seconds };
}

function configure(archive: Archive, world: World): void {
  const chats = Object.fromEntries([...world.chats.values()].map((it) => [it.id.toString(), {}]));
  archive.configure(chats, {
    tg: { sync_interval: 2, message_limit: 200, lease_ttl: 2 },
    download: { request_timeout: 2, check_hashes: 'always' },
  });
}

/** Where documents are: most at their own data centre, some cached by a CDN, some to be uploaded to it first. */
const places = [...Array<undefined>(7), 'held', 'not yet'] as const;

interface Life {
  grow: (count: number) => string;
  change: () => string;
  growNewer: () => string;
}

/** Adds chats with messages and files; returns a function that adds more. */
function fill(world: World, random: Random, { messages, files }: ChaosOptions): Life {
  const chats = [
    world.addChannel({ title: 'News' }),
    world.addSupergroup({ title: 'Talk' }),
    world.addUser({ title: 'Friend' }),
    world.addUser({ title: 'Other' }),
  ];
  const addFile = () => {
    const size = random.pick([1, 900, 20_000, 60_000, 60_000, 150_000, 1_300_000]);
    const dc = random.between(1, 4);
    const nth = random.upTo(1_000_000);
    const media =
      random.upTo(3) === 0
        ? { photo: world.addPhoto({ dc, size: 60_000 }) }
        : { document: world.addDocument({ dc, size, name: `${nth}.bin`, cdn: random.pick(places) }) };
    for (let copies = random.upTo(8) === 0 ? 2 : 1; copies > 0; copies--)
      random.pick(chats).addMessage({ text: 'file', ...media });
  };
  for (const chat of chats) chat.addMessages(Math.floor((messages - files) / chats.length));
  for (let count = 0; count < files; count++) addFile();
  const grow = (count: number) => {
    random.pick(chats).addMessages(count);
    addFile();
    return `${count} more messages and a file`;
  };
  /** Files are left alone, as every one of the world is to be found at the end. */
  const change = () => {
    const chat = random.pick(chats);
    const some = new Set(Array.from({ length: 20 }, () => chat.store.idAt(random.upTo(chat.store.size))!));
    const ids = [...some].filter((id) => isPlain(chat.existing(id)));
    const [edited, deleted, pinned] = [ids.slice(0, 5), ids.slice(5, 8), ids.slice(8, 10)];
    for (const id of edited) chat.editMessage(id, { text: `edited, event ${world.record.events.length}` });
    if (deleted.length > 0) chat.deleteMessages(deleted);
    if (pinned.length > 0) pin(chat, pinned, true);
    return `${edited.length} edits, ${deleted.length} deletions, ${pinned.length} pins`;
  };
  const growNewer = () => {
    const chat = random.pick(chats);
    const part = random.pick(['media', 'reply_markup', 'message'] as const);
    chat.addMessage({ text: 'newer', newer: { part, constructorId: random.between(1, 2 ** 31 - 1) } });
    chat.addMessages(2); // if the newest message is unreadable, Telegram's answer does not even include its id
    return `a message whose ${part} is unreadable`;
  };
  return { grow, change, growNewer };
}

async function chaos(scene: ChaosScene, options: ChaosOptions): Promise<void> {
  scene.crew.fill();
  for (let count = 0; count < options.actions; count++) {
    await sleep(scene.random.between(100, 1500), undefined, { signal: options.signal });
    options.say(await act(scene, options.onlyProcesses ? onlyProcesses : everything));
    scene.crew.fill();
  }
}

/** What was edited and deleted is known soon, too. */
async function expectTrue(world: World, db: BareDb, until: number): Promise<void> {
  for (; ; await sleep(500)) {
    const differences = await differencesFromRecord(world, db);
    if (differences.length === 0) return;
    if (performance.now() > until) throw new Error(`not true:\n${differences.slice(0, 30).join('\n')}`);
  }
}

const isPlain = (it: Message): boolean => it.media === undefined && !it.action && !it.empty && it.text !== 'newer';

interface Watched {
  archive: Archive;
  telegram: Emulator;
  crew: Crew;
}

/** Left alone it must become complete by itself, except for what a person is asked to retry. */
async function untilWhole(
  { archive, telegram, crew }: Watched,
  { patienceMs, say, signal }: ChaosOptions,
): Promise<number> {
  const { world } = telegram;
  const db = bare(await openDb(archive.databaseUrl));
  try {
    const { messages } = await world.inventory();
    let failed = 0;
    const until = performance.now() + patienceMs;
    for (;;) {
      failed += await retry(db);
      const left = await remaining(db, messages.length);
      if (left.messages === 0 && left.links === 0) break;
      if (performance.now() > until) {
        const differences = await differencesFromRecord(world, db);
        throw new Error(`not complete: ${JSON.stringify(left)}\n${differences.slice(0, 30).join('\n')}`);
      }
      crew.fill(); // like a restart policy
      await sleep(500, undefined, { signal });
    }
    await untilTidy(archive, db, signal);
    await expectWhole(world, archive, db);
    await expectTrue(world, db, until);
    await expectLoginAlive(archive, telegram);
    const proof = await tgsync(archive.env, ['verify', '--deep', '--json']);
    if (proof.code !== 0) throw new Error(`tgsync verify: ${proof.stdout}${proof.stderr}`);
    if (failed > 0) say(`${failed} media were retried`);
    return failed;
  } finally {
    await closeDb(db);
  }
}

async function remaining(db: BareDb, expected: number): Promise<{ messages: number; links: number }> {
  return {
    messages: expected - (await db.message.count({ where: { deletedAt: null } })),
    links: await db.messageMedia.count({ where: { link: 'pending' } }),
  };
}

/** Retries as a person would, but directly: the queue whose dashboard shows it may be lost. */
async function retry(db: BareDb): Promise<number> {
  const again = { where: { state: 'failed' }, data: { state: 'owed', reason: null } };
  const [photos, documents] = [await db.photo.updateMany(again), await db.document.updateMany(again)];
  return photos.count + documents.count;
}

/**
 * Media workers look for leftovers of killed ones every half minute, and a probe file must be a minute old. Troubles of a killed worker
 * lapse within a minute, too.
 */
async function untilTidy({ env }: Archive, db: BareDb, signal: AbortSignal | undefined): Promise<void> {
  const leftovers = () => [env.temp, join(env.media, '.incoming')].flatMap((it) => readdirSync(it));
  for (const until = performance.now() + 150_000; ; await sleep(200, undefined, { signal })) {
    const untidy = [...leftovers(), ...(await currentTroubles(db))];
    if (untidy.length === 0) return;
    if (performance.now() > until) throw new Error(`left over: ${untidy.join(', ')}`);
  }
}

async function expectLoginAlive(archive: Archive, telegram: Emulator): Promise<void> {
  // An idle fleet checks files, and may request a key then.
  for (const until = performance.now() + 60_000; ; await sleep(1000)) {
    const { stdout } = await tgsync(archive.env, ['status', '--json']);
    const { troubles } = JSON.parse(stdout) as { troubles: string[] };
    if (troubles.length === 0) break;
    if (performance.now() > until) throw new Error(troubles.join('; '));
  }
  const broken = telegram.counters().sessionRuleViolations;
  if (broken > 0) throw new Error(`the login was used over two connections, ${broken} times`);
}

/**
 * Puts /media on a small disk of its own if this user may mount one; otherwise a shim below the store fails like a full disk. Returns what
 * fills it for a while.
 */
function smallDisk({ archive: { env }, fleet, scope }: Stage): ChaosScene['fillDisk'] {
  mkdirSync(env.media, { recursive: true });
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512m', 'tmpfs', env.media]).status === 0;
  if (isMounted) {
    const unmount = () => spawnSync('umount', ['-l', env.media]);
    scope.use(fleet, (it) => it.stop().finally(unmount));
  } else {
    fleet.diskFaults();
  }
  const filler = join(env.media, '.incoming', 'filler');
  return async (ms) => {
    if (isMounted) spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1M']);
    else fleet.diskFaults({ call: 'open', path: env.media, code: 'ENOSPC' });
    await sleep(ms);
    if (isMounted) rmSync(filler, { force: true });
    else fleet.diskFaults();
  };
}
