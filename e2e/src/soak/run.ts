/**
 * run.ts: one soak run, determined by its seed: thousands of events while a fleet listens, with pushes that are lost, late and doubled, and
 * outages of whoever listens and of Postgres in between. Then the archive has to say what really happened, versions and deletions included.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { askResync, chatStatuses, closeDb, openDb, wantedChatRows } from '@tgsync/shared/db';
import { bare, type BareDb } from '@tgsync/shared/db/bare';
import {
  join as joinChat,
  Random as EventRandom,
  RANDOM_KINDS,
  randomEvent,
  unban,
  World,
} from '@tgsync/telegram-emulator';
import { act, outages, type Scene } from '../chaos/actions.js';
import { Crew } from '../chaos/crew.js';
import { randomOf } from '../chaos/random.js';
import { onStage } from '../chaos/stage.js';
import type { LongRun } from '../long-runs.js';
import { differencesFromRecord, type Judgement } from '../recorded.js';

export interface SoakOptions extends LongRun {
  events: number;
  /** How often somebody is not there. */
  outages: number;
  /** How long it may take to become true once left alone, in milliseconds. */
  patienceMs: number;
}

/** Runs it; returns its seconds. Throws if the archive is not true. */
export async function runSoak(options: SoakOptions): Promise<number> {
  const world = inhabited(options.seed);
  return await onStage('soak', world, options, async ({ telegram, postgres, redis, archive, fleet, scope }) => {
    await archive.logIn();
    const configure = (syncInterval: number) =>
      archive.configure({ '*': {} }, { tg: { sync_interval: syncInterval, lease_ttl: 5 } }); // all, as groups become others
    configure(3600);
    const crew = scope.use(new Crew(fleet, { scheduler: 1, 'fetch-worker': 2, 'media-worker': 1 }), (it) => it.wake());
    crew.fill();
    await untilTrue(world, archive.databaseUrl, options);
    options.say('everything is read');
    // Without surveys: one that sees more than was applied so far has the rest read as it is now.
    await calm(world, options);
    await untilTrue(world, archive.databaseUrl, options, { isExact: true });
    configure(5);
    await crew.restart('scheduler');
    options.say('nothing was lost while nothing was in the way');
    const resyncing = resyncAgainAndAgain(archive.databaseUrl, options.signal);
    try {
      await live({ random: randomOf(options.seed), telegram, crew, postgres, redis }, options);
    } finally {
      await resyncing.stop();
    }
    crew.calm();
    await untilTrue(world, archive.databaseUrl, options);
    const rechecked = fleet.log.filter((it) => it.msg === 'messages rechecked').length;
    options.say(`${rechecked} rechecks found a change`);
  });
}

function inhabited(seed: number): World {
  const world = new World({ seed: `soak ${seed}` });
  const chats = [
    world.addChannel({ title: 'News' }),
    world.addChannel({ title: 'Weather' }),
    world.addSupergroup({ title: 'Talk' }),
    world.addSupergroup({ title: 'Forum', forum: true }),
    world.addUser({ title: 'Ann' }),
    world.addUser({ title: 'Ben' }),
    world.addGroup({ title: 'Club' }),
    world.addGroup({ title: 'Choir' }),
  ];
  for (const chat of chats) chat.addMessages(30);
  return world;
}

/** Lets events happen of which a listener hears every single one. */
async function calm(world: World, { seed, events, signal }: SoakOptions): Promise<void> {
  const random = new EventRandom(`calm ${seed}`);
  const kinds = RANDOM_KINDS.filter((it) => it !== 'membership' && it !== 'migrate');
  for (let count = 0; count < events / 5; count++) {
    randomEvent(world, random, kinds);
    if (count % 20 === 0) await sleep(random.int(60), undefined, { signal });
  }
}

/** Lets events happen; every now and then somebody is away while they go on. */
async function live(scene: Scene, { seed, events, outages: often, say, signal }: SoakOptions): Promise<void> {
  const { telegram, crew } = scene;
  const random = new EventRandom(`events ${seed}`);
  const faults = (['drop', 'twice', 'swap'] as const).map((kind) =>
    telegram.pushes.fault({ kind, chance: 0.03, seed: `${kind} ${seed}` }),
  );
  let outage: Promise<void> | undefined;
  for (let count = 0; count < events; count++) {
    const kind = randomEvent(telegram.world, random);
    if (count % 20 === 0) await sleep(random.int(60), undefined, { signal });
    if (count % Math.ceil(events / (often + 1)) === 0 && count > 0) {
      await outage; // one after the other
      crew.fill();
      const at = count;
      outage = act(scene, outages).then((what) => say(`event ${at} (${kind}): ${what}`));
    }
  }
  await outage;
  for (const it of faults) it.remove();
  for (const chat of telegram.world.chats)
    if (chat.kind !== 'user' && !chat.migratedTo) (chat.removed ? unban : joinChat)(chat);
}

/** How often everything is asked for again. A hundred messages are read every ten seconds, in between updates. */
const resyncMs = 5000;

/** Has the stored messages of all chats read again while things happen. */
function resyncAgainAndAgain(url: string, signal: AbortSignal): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  const until = AbortSignal.any([signal, stopping.signal]);
  const loop = (async () => {
    while (!until.aborted) {
      await resyncAll(url).catch(() => {}); // Postgres may be away
      await sleep(resyncMs, undefined, { signal: until }).catch(() => {});
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}

async function resyncAll(url: string): Promise<void> {
  const db = await openDb(url);
  try {
    for (const { id: chatId, accountId } of await wantedChatRows(db))
      await askResync(db, { chatId, accountId }, { from: 0n, to: 0n });
  } finally {
    await closeDb(db);
  }
}

/** Left alone it must become true by itself. */
async function untilTrue(
  world: World,
  url: string,
  { patienceMs, signal }: SoakOptions,
  how: Judgement = {},
): Promise<void> {
  const db = bare(await openDb(url));
  try {
    for (const until = performance.now() + patienceMs; ; await sleep(500, undefined, { signal })) {
      const differences = await differencesNow(world, db, how);
      if (differences.length === 0) return;
      if (performance.now() < until) continue;
      const states = (await chatStatuses(db)).map(
        ({ id, title, state, reason }) => `${id} ${title}: ${state} ${reason ?? ''}`,
      );
      const first = differences.slice(0, 30);
      throw new Error(['not true:', ...first, `(${differences.length} in all)`, ...states].join('\n'));
    }
  } finally {
    await closeDb(db);
  }
}

async function differencesNow(world: World, db: BareDb, how: Judgement): Promise<string[]> {
  if (!(await db.account.findFirst())?.live) return ['updates are not applied yet'];
  const left = await db.messageMedia.count({ where: { link: 'pending' } });
  return [
    ...(left > 0 ? [`${left} files are owed`] : []),
    ...(await differencesFromRecord(world, db, { ...how, hasFiles: true })),
  ];
}
