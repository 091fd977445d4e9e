/**
 * generate-world.ts: a whole world from a seed and a size. The same options give the same world, byte for byte.
 * By default it has every kind of chat, message and file that the emulator knows, in a few thousand messages.
 */
import { mediaOf } from '../carried-media.js';
import type { Media } from '../media-file.js';
import { World, type WorldOptions } from '../world.js';
import { addAncientTalk, addTalk, deleteAndEdit, type Talker } from './bulk.js';
import { makeCast, type Cast } from './cast.js';
import { StoryClock } from './clock.js';
import { FileMaker } from './file-maker.js';
import { planFiles } from './file-plan.js';
import { say, sayEach, type Kit } from './kit.js';
import { NEWER_KINDS } from './newer-kinds.js';
import { addPeople } from './people.js';
import { Random } from '../random.js';
import { addSpecials } from './specials.js';

/** How large a world is, and what it contains. */
export interface GenerateOptions extends WorldOptions {
  readonly seed: string;
  /** Approximate number of messages in total. */
  readonly messages?: number;
  /** Approximate number of files in total. */
  readonly files?: number;
  /** Approximate total size of the files in bytes. */
  readonly bytes?: number;
  /** How many channels to add to the usual ones. */
  readonly chats?: number;
  /** Adds a file of more than 2 GiB. */
  readonly large?: boolean;
  /** Adds a chat with every kind of message from newer layers; clients of older layers do not get them in full. */
  readonly newer?: boolean;
  /** For the demo: leaves out hostile names, awkward texts and odd file sizes. */
  readonly pleasant?: boolean;
}

const MIB = 1024 * 1024;
/** Messages beyond this number are not stored but computed on every read. */
const MOST_KEPT = 30_000;
/** Seconds that the story spans, and those before it in a world with old history. */
const STORY = 30_000_000;
const ANCIENT = 25_000_000;

function talkersOf(cast: Cast): Talker[] {
  const shares: readonly (readonly [Talker['chat'], number])[] = [
    ...cast.private.map((chat) => [chat, 4] as const),
    [cast.family, 12],
    [cast.football, 10],
    [cast.club, 14],
    [cast.forum, 10],
    [cast.board, 6],
    [cast.talk, 6],
    [cast.cats, 16],
    [cast.recipes, 8],
    [cast.radio, 8],
    ...cast.more.map((chat) => [chat, 4] as const),
  ];
  return shares.map(([chat, share]) => ({ chat, share }));
}

/** What exists already: messages, and the files that they carry. */
function sumOf(world: World): { messages: number; files: number; bytes: number } {
  const files = new Set<Media>();
  let messages = 0;
  for (const chat of world.chats) {
    messages += chat.store.size;
    for (const message of chat.store.kept) for (const it of mediaOf(message)) if (it.carried) files.add(it.media);
  }
  let bytes = 0;
  for (const file of files) bytes += file.sizeOf(file.mainSize) ?? 0;
  return { messages, files: files.size, bytes };
}

/** Generates a world. */
export function generateWorld(options: GenerateOptions): World {
  const world = new World(options);
  const random = new Random(options.seed);
  const wanted = options.messages ?? 3_000;
  const kept = Math.min(wanted, MOST_KEPT);
  const clock = new StoryClock(world.startDate, Math.max(1, Math.floor(STORY / (kept + 1_500))));
  const files = new FileMaker(world, random.fork('files'));
  const kit: Kit = { world, random: random.fork('story'), files, people: addPeople(world), clock };
  const pleasant = options.pleasant ?? false;
  const cast = makeCast(kit, options.chats ?? 0, pleasant);
  if (wanted > kept) ancient(kit, cast, wanted - kept);
  addSpecials(kit, cast, pleasant);
  if (options.newer) sayEach(kit, world.addSupergroup({ title: 'Newer Things' }), NEWER_KINDS);
  if (options.large) {
    const size = 2 * 1024 * MIB + 12_345;
    say(kit, cast.radio, { document: files.document('video', size, { name: 'The whole season.mp4' }) });
  }
  const there = sumOf(world);
  const bulkFiles = Math.max(0, (options.files ?? 330) - there.files);
  const bulkBytes = Math.max(bulkFiles * 2_000, (options.bytes ?? 45 * MIB) - there.bytes);
  const plan = planFiles(random.fork('plan'), bulkFiles, bulkBytes);
  const talk = Math.max(plan.length, wanted - there.messages);
  addTalk(kit, talkersOf(cast), talk, plan, () => new Map([[cast.football, moveFootball(kit, cast)]]));
  deleteAndEdit(kit, [cast.cats, cast.family, cast.recipes, cast.forum]);
  for (const chat of world.chats) chat.log.skip(0);
  return world;
}

/** Adds old history to the chats that have sequences of their own. */
function ancient(kit: Kit, cast: Cast, count: number): void {
  const shares = [cast.cats, cast.cats, cast.club, cast.recipes, cast.radio];
  const part = Math.floor(count / shares.length);
  const sums = new Map<Talker['chat'], number>();
  for (const chat of shares) sums.set(chat, (sums.get(chat) ?? 0) + part);
  const { clock, people } = kit;
  for (const [chat, number] of sums) addAncientTalk(chat, number, people.friends, clock.now, ANCIENT);
  clock.skip(ANCIENT);
}

/** Turns the basic group into a supergroup, where its members continue talking. */
function moveFootball(kit: Kit, cast: Cast): Talker['chat'] {
  kit.clock.tick();
  return kit.world.migrate(cast.football, { username: 'sunday_football' });
}
