/** check-strays.ts: finds what is in /media and /temp but not in the database. Folders are streamed, symbolic links never followed. */
import { join } from 'node:path';
import {
  chatFoldersAmong,
  type CheckedMedia,
  linkKeysAmong,
  linkNamesOf,
  mediaNamed,
  mediaOfMessage,
  type MediaRef,
} from '@tgsync/shared/db';
import {
  chatOfFolder,
  damagedFolder,
  folded,
  incomingFolder,
  isOfUnfinished,
  markerName,
  messageOfLink,
  ownerInIncoming,
  ownerInRepo,
  ownerInTemp,
  repoFolders,
} from '@tgsync/shared/store';
import { entriesOf, type Entry, inspect } from '../disk/inspect.js';
import type { Archive } from './archive.js';
import type { Finding, Findings } from './finding.js';
import { isLeftoverInIncoming, isLeftoverInTemp } from './judge.js';

export async function* checkStrays(archive: Archive): Findings {
  for await (const entries of entriesOf(archive.media)) {
    for (const entry of entries) {
      const { name, type } = entry;
      if (name === markerName || name.startsWith(`${markerName}.`)) continue;
      if (type !== 'folder') yield asStray(archive.media, entry);
      else if (name === incomingFolder) yield* checkIncoming(archive);
      else if (name === damagedFolder) yield* checkDamaged(archive);
      else if (repoFolders.includes(name))
        yield* checkFolder(archive, name, (names) => knownInRepo(archive, name, names));
      else if (chatOfFolder(name) !== undefined || (await chatFoldersAmong(archive.db, [folded(name)])).size > 0)
        yield* checkChatFolder(archive, name);
      else yield asStray(archive.media, entry);
    }
  }
}

/** /temp may contain folders with parts of owed media, files of older versions, and nothing else. */
export async function* checkTemp({ db, temp, signal }: Archive): Findings {
  for await (const entries of entriesOf(temp)) {
    signal.throwIfAborted();
    const media = byRef(
      await mediaNamed(
        db,
        entries.flatMap((it) => ownerInTemp(it.name) ?? []),
      ),
    );
    for (const { name, type } of entries) {
      const owner = ownerInTemp(name);
      const path = join(temp, name);
      if (!owner || type !== (owner.claim === undefined ? 'file' : 'folder')) {
        yield { kind: 'temp-stray', path };
        continue;
      }
      const isOurs = type !== 'folder' || (yield* checkUnfinished(path));
      if (isOurs && isLeftoverInTemp(media.get(keyOf(owner)))) yield { kind: 'temp-leftover', path, media: owner };
    }
  }
}

/** Returns false if only foreign files are left in the folder. */
async function* checkUnfinished(folder: string): AsyncGenerator<Finding, boolean> {
  let [ours, others] = [0, 0];
  for await (const entries of entriesOf(folder)) {
    for (const { name, type } of entries) {
      const isOurs = type === 'file' && isOfUnfinished(name);
      if (isOurs) ours++;
      else others++;
      if (!isOurs) yield { kind: 'temp-stray', path: join(folder, name) };
    }
  }
  return ours > 0 || others === 0;
}

async function* checkFolder(
  { media, signal }: Archive,
  folder: string,
  known: (names: readonly string[]) => Promise<(name: string, type: Entry['type']) => boolean>,
): Findings {
  const path = join(media, folder);
  let problem: string | undefined;
  for await (const entries of entriesOf(path, (text) => (problem = text))) {
    signal.throwIfAborted();
    const isKnown = await known(entries.map((it) => it.name));
    for (const entry of entries) if (!isKnown(entry.name, entry.type)) yield asStray(path, entry);
  }
  if (problem !== undefined) yield { kind: 'file-unreadable', path, detail: problem };
}

/** A file whose media is not saved yet was placed a moment ago, or by a run that was killed: its job finds it. */
async function knownInRepo({ db }: Archive, folder: string, names: readonly string[]) {
  const owners = names.flatMap((it) => ownerInRepo(folder, it) ?? []);
  const media = byRef(await mediaNamed(db, owners));
  return (name: string) => {
    const owner = ownerInRepo(folder, name);
    const it = owner && media.get(keyOf(owner));
    return it !== undefined && (it.state !== 'saved' || it.fileName === name);
  };
}

/** The folder of a chat's id, or one that a template gave; the latter may be within each other. */
async function* checkChatFolder(archive: Archive, folder: string): Findings {
  const folders: string[] = [];
  const chatId = chatOfFolder(folder);
  yield* checkFolder(archive, folder, async (names) => {
    const keys = new Map(names.map((it) => [it, folded(`${folder}/${it}`)]));
    const [links, known] = [
      await linkKeysAmong(archive.db, [...keys.values()]),
      await chatFoldersAmong(archive.db, [...keys.values()]),
    ];
    const isUsual = chatId === undefined ? () => false : await knownInChat(archive, chatId, names);
    return (name, type) => {
      if (type !== 'folder') return links.has(keys.get(name)!) || isUsual(name);
      if (!known.has(keys.get(name)!)) return false;
      folders.push(`${folder}/${name}`);
      return true;
    };
  });
  for (const it of folders) yield* checkChatFolder(archive, it);
}

async function knownInChat({ db }: Archive, chatId: bigint, names: readonly string[]) {
  const messages = new Set(names.flatMap((it) => messageOfLink(it) ?? []));
  const links = new Set((await linkNamesOf(db, chatId, [...messages])).map((it) => it.normalize('NFC')));
  return (name: string) => links.has(name.normalize('NFC')); // some file systems write accents differently
}

async function* checkIncoming({ db, media, signal }: Archive): Findings {
  const folder = join(media, incomingFolder);
  for await (const entries of entriesOf(folder)) {
    signal.throwIfAborted();
    for (const entry of entries) {
      const owner = ownerInIncoming(entry.name);
      const path = join(folder, entry.name);
      if (!owner || entry.type !== 'file') {
        yield asStray(folder, entry);
      } else if ('kind' in owner) {
        const [it] = await mediaNamed(db, [owner]);
        if (isLeftoverInIncoming(it, entry.name, await inspect(path)))
          yield { kind: 'incoming-leftover', path, media: owner };
      } else {
        const mine = await mediaNamed(db, await mediaOfMessage(db, owner.chatId, owner.messageId));
        if (!mine.some((it) => it.isClaimed)) yield { kind: 'incoming-leftover', path, ...owner };
      }
    }
  }
}

async function* checkDamaged({ media }: Archive): Findings {
  const folder = join(media, damagedFolder);
  for await (const entries of entriesOf(folder))
    for (const { name } of entries) yield { kind: 'damaged', path: join(folder, name) };
}

function asStray(folder: string, { name, type }: Entry): Finding {
  return { kind: type === 'symlink' ? 'symlink' : 'stray', path: join(folder, name) };
}

const keyOf = ({ kind, id }: MediaRef) => `${kind}-${id}`;

function byRef(media: readonly CheckedMedia[]): Map<string, CheckedMedia> {
  return new Map(media.map((it) => [keyOf(it), it]));
}
